using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using Muster.Codecs.TcpStore;
using Muster.Coordination.TcpStore;
using Muster.Runtime;

namespace Muster.Cli.Commands;

/// <summary>`muster tcpstore`: a TCPStore on its own, for scripts and for torchrun's rendezvous.</summary>
internal static class TcpStoreCommand
{
    private const int PortDefault = 29400; // torchrun's own

    public static Command Create()
    {
        var listen = new Option<string>("--listen")
        {
            Description = $"ADDRESS:PORT, [ADDRESS]:PORT or PORT; a port alone listens on every address, IPv4 and IPv6; port 0 takes a free one. Default {PortDefault}.",
            DefaultValueFactory = _ => PortDefault.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        var noLegacy = new Option<bool>("--no-legacy") { Description = "Refuse clients of torch 2.0 and older, which nothing distinguishes from other programs." };
        var command = new Command("tcpstore", "Serves PyTorch's TCPStore from memory until it is ended.") { listen, noLegacy };
        command.SetAction(async (parsed, cancel) =>
        {
            var text = parsed.GetValue(listen)!;
            using var server = Serve(text, EndPoint(text), new TcpStoreLimits { Legacy = !parsed.GetValue(noLegacy) });
            Console.WriteLine($"TCPStore at {server.EndPoint}: MASTER_PORT={server.EndPoint.Port}, or torchrun --rdzv-backend=c10d --rdzv-endpoint=HOST:{server.EndPoint.Port} --rdzv-conf is_host=0");
            Console.WriteLine("It has no passwords: bind it to the training network. Ctrl-C ends it, and every connection with it.");
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
            await ended.Task.WaitAsync(cancel);
            return ExitCode.Done;

            void End(PosixSignalContext signal)
            {
                signal.Cancel = true;
                ended.TrySetResult();
            }
        });
        return command;
    }

    private static TcpStoreServer Serve(string text, IPEndPoint endPoint, TcpStoreLimits limits)
    {
        try
        {
            return new TcpStoreServer(endPoint, limits);
        }
        catch (TransportException e)
        {
            throw new CliException(ExitCode.Infrastructure, $"--listen {text}: {e.Message}; choose another port, or see who listens: ss -ltnp");
        }
    }

    private static IPEndPoint EndPoint(string text)
    {
        if (ushort.TryParse(text, out var port))
            return new IPEndPoint(IPAddress.IPv6Any, port);
        return IPEndPoint.TryParse(text, out var endPoint) && text.Contains(':', StringComparison.Ordinal)
            ? endPoint
            : throw new CliException(ExitCode.Usage, $"--listen {text} is neither PORT nor ADDRESS:PORT with a numeric address");
    }
}
