using System.Globalization;
using Muster.Codecs.Log;
using Muster.Disk.Data;
using Muster.Disk.Log;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Disk.Tests.Kernel;

/// <summary>What a real process does with a data directory; it tells on its standard output.</summary>
internal static class ChildProgram
{
    /// <summary>The exit code of a process that ended because its disk failed.</summary>
    public const int DiskFailed = 70;

    private static readonly DataFormat Format = new("child", 1);

    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            using var directory = await DataDirectory.OpenAsync(arguments[1], Format);
            switch (arguments[0])
            {
                case "append":
                    await AppendAsync(directory.Volume, int.Parse(arguments[2], CultureInfo.InvariantCulture));
                    return 0;
                case "hold":
                    Console.WriteLine("held");
                    Console.ReadLine();
                    return 0;
                default:
                    return 64;
            }
        }
        catch (VolumeException error)
        {
            Console.WriteLine($"failed {error.Error} {error.Message}");
            return DiskFailed;
        }
    }

    private static async Task AppendAsync(IVolume volume, int count)
    {
        var limits = new LogLimits { SegmentBytes = 1024 };
        var recovered = 0;
        using var log = await WriteAheadLog.OpenAsync(
            volume, "log", RecordNumber.None, limits, new SeededRandom(1), (_, _) => recovered++);
        Console.WriteLine($"recovered {recovered}");
        for (var i = 0; i < count; i++)
            Console.WriteLine($"ack {await log.AppendAsync(new byte[100])}");
    }
}
