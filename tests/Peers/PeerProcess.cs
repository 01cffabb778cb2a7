using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Muster.Peers;

/// <summary>A real program that a suite runs beside Muster: own directory, loopback port, ended by its own process id.</summary>
internal sealed class PeerProcess : IDisposable
{
    private static int s_ports;

    private readonly Process _process;

    private PeerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program and waits until something answers on its port.</summary>
    public static PeerProcess Start(string program, IEnumerable<string> arguments, string directory, int port)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var log = new StreamWriter(Path.Combine(directory, $"{Path.GetFileName(program)}-{port}.log"), append: true) { AutoFlush = true };
        process.OutputDataReceived += (_, line) => Write(log, line.Data);
        process.ErrorDataReceived += (_, line) => Write(log, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var peer = new PeerProcess(process);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => peer.Dispose();
        for (var tries = 0; tries < 1200; tries++)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"{program} ended with {process.ExitCode}; see {directory}");
            if (Answers(port))
                return peer;
            Thread.Sleep(50);
        }

        peer.Dispose();
        throw new InvalidOperationException($"{program} did not answer on port {port} in 60 s; see {directory}");
    }

    /// <summary>A port that nobody has and that no outgoing connection will be given; never the same twice in a process.</summary>
    public static int FreePort()
    {
        const int First = 11_000, Count = 20_000;      // below the range of outgoing connections
        while (true)
        {
            var port = First + (int)((Environment.ProcessId * 61L + Interlocked.Increment(ref s_ports)) % Count);
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // somebody's: the next one
            }
        }
    }

    /// <summary>Kills it, as a crash would.</summary>
    public void Kill()
    {
        if (_process.HasExited)
            return;
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        try
        {
            Kill();
        }
        catch (InvalidOperationException)
        {
        }
    }

    private static bool Answers(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void Write(StreamWriter log, string? line)
    {
        if (line is null)
            return;
        lock (log)
            log.WriteLine(line);
    }
}
