namespace Muster.Etcd.Tests.Servers;

/// <summary>A directory that goes with the test; in memory where there is such a place, since what is tested is not the disk.</summary>
internal sealed class Workplace : IDisposable
{
    private readonly string _directory = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"muster-etcd-{Path.GetRandomFileName()}");

    public Workplace() => Directory.CreateDirectory(_directory);

    public string this[string name] => Path.Combine(_directory, name);

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
