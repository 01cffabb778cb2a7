using Muster.Disk.Posix;

namespace Muster.Disk.Tests;

/// <summary>A directory of the real file system that goes away with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory()
    {
        Path = Directory.CreateTempSubdirectory("muster-disk-").FullName;
        Volume = new PosixVolume(Path);
    }

    public string Path { get; }

    public PosixVolume Volume { get; }

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        Volume.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
