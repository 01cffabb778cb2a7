using System.Text;
using Muster.Agent.Keeping;
using Muster.Runtime;

namespace Muster.Agent.Tests.Real;

/// <summary>Runs a program to its end for what it prints. Not through System.Diagnostics: two reapers in one process quarrel.</summary>
internal sealed class ProcessOutput : IProcessEvents
{
    private readonly StringBuilder _text = new();
    private readonly TaskCompletionSource<(string Text, ExitStatus Status)> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<string> OfAsync(params string[] command) => (await RunAsync(command)).Text;

    public static Task<(string Text, ExitStatus Status)> RunAsync(params string[] command)
    {
        var output = new ProcessOutput();
        TestCluster.Processes.Start(
            new ProcessStart { Command = [.. command], WorkingDirectory = "/", Environment = KeeperProcess.InheritedEnvironment() }, output);
        return output._ended.Task;
    }

    public void Output(ProcessId process, ReadOnlyMemory<byte> bytes) => _text.Append(Encoding.UTF8.GetString(bytes.Span));

    public void Exited(ProcessId process, ExitStatus status) => _ended.TrySetResult((_text.ToString(), status));
}
