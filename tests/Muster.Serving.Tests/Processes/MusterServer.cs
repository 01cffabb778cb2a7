namespace Muster.Serving.Tests;

/// <summary>A `muster server` as a real process, which can be killed and started again on its data.</summary>
internal sealed class MusterServer : IServer
{
    private readonly TemporaryDirectory? _ownData;
    private readonly string _data;
    private readonly string[] _options;
    private ChildProcess _process;

    private MusterServer(string? data, string[] options)
    {
        _ownData = data is null ? new TemporaryDirectory() : null;
        _data = data ?? Path.Combine(_ownData!.Path, "data");
        _options = [.. options.Select(option => option == "--quota-backend-bytes" ? "--quota" : option)];     // etcd's name for it
        Endpoint = $"127.0.0.1:{FreePorts.One()}";
        _process = Launch();
    }

    public string Endpoint { get; }

    public string Data => _data;

    public int Pid => _process.Pid;

    public string Output => _process.Output;

    public static string Program { get; } = Path.Combine(Root(AppContext.BaseDirectory), ".build/muster/muster");

    public static MusterServer Start(params string[] options) => StartOn(null, options);

    /// <summary>On a directory of the caller's.</summary>
    public static MusterServer StartOn(string? data, params string[] options)
    {
        var server = new MusterServer(data, options);
        server._process.WaitFor("serving");
        return server;
    }

    /// <summary>Kills the process as a crash would.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.Wait();
    }

    /// <summary>Asks it to end, and waits.</summary>
    public int Stop()
    {
        _process.Signal(15);
        return _process.Wait();
    }

    /// <summary>Starts it again on the same data and the same port.</summary>
    public void StartAgain()
    {
        _process.Dispose();
        _process = Launch();
        _process.WaitFor("serving");
    }

    public void Dispose()
    {
        _process.Dispose();
        _ownData?.Dispose();
    }

    private ChildProcess Launch() => ChildProcess.Start(Program, ["server", "--data", _data, "--listen", Endpoint, .. _options]);

    private static string Root(string directory)
    {
        while (!File.Exists(Path.Combine(directory, "Muster.slnx")))
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("the tests run from within the source tree");
        return directory;
    }
}
