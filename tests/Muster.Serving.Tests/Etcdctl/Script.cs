using System.Text;

namespace Muster.Serving.Tests;

/// <summary>A script of commands of etcdctl, run against one server; its transcript is what a person would have seen.</summary>
/// <remarks>
/// A line is a command with its arguments, quoted as in a shell; what follows <c>&lt;&lt;&lt;</c> is its input, with <c>\n</c> for line
/// ends. <c>start NAME …</c> runs one beside, <c>until NAME TEXT</c> waits for its output, <c>interrupt NAME</c> and <c>join NAME</c> end
/// it. <c>lease granted</c> lines name leases <c>$1</c>, <c>$2</c>… for later lines. <c>file NAME</c> says whether a file is there.
/// </remarks>
internal sealed class Script(string endpoint) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, ChildProcess> _beside = [];
    private readonly Transcript _transcript = new(endpoint);

    /// <summary>Runs all lines and gives the transcript.</summary>
    public string Run(IEnumerable<string> lines)
    {
        var whole = new StringBuilder();
        foreach (var line in lines.Where(line => line.Length > 0 && !line.StartsWith('#')))
        {
            whole.Append("> ").Append(line).Append('\n');
            try
            {
                whole.Append(_transcript.Normal(Do(Words.Split(line)), line));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"'{line}' failed: {failure.Message}\nbefore it:\n{whole}", failure);
            }
        }

        return whole.ToString();
    }

    public void Dispose()
    {
        foreach (var process in _beside.Values)
            process.Dispose();
        _directory.Dispose();
    }

    private string Do(List<string> words)
    {
        switch (words[0])
        {
            case "start":
                _beside[words[1]] = Begin(words[2..]);
                return "";
            case "until":
                _beside[words[1]].WaitFor(_transcript.Filled(words[2]));
                return "";
            case "interrupt":
                _beside[words[1]].Interrupt();
                return End(_beside[words[1]]);
            case "join":
                return End(_beside[words[1]]);
            case "file":
                return $"{(File.Exists(Path.Combine(_directory.Path, words[1])) ? "there" : "missing")}\n";
            default:
                using (var process = Begin(words))
                    return End(process);
        }
    }

    private ChildProcess Begin(List<string> words)
    {
        var split = words.IndexOf("<<<");
        var input = split < 0 ? null : words[split + 1].Replace("\\n", "\n", StringComparison.Ordinal);
        var arguments = (split < 0 ? words : words[..split]).Select(_transcript.Filled);
        return Etcdctl.Start(endpoint, arguments, input is null ? null : _transcript.Filled(input), _directory.Path);
    }

    private static string End(ChildProcess process)
    {
        var code = process.Wait();
        var errors = string.Concat(process.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"! {line}\n"));
        return process.Output + errors + (code == 0 ? "" : $"exit {code}\n");
    }
}
