using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Muster.Bench.Store;

/// <summary>The C library's call, since .NET's own swallows errors.</summary>
internal static partial class Native
{
    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int DataSync(SafeFileHandle file);
}
