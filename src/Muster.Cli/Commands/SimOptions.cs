using System.CommandLine;
using Muster.Cli.Sim;

namespace Muster.Cli.Commands;

/// <summary>Options that `muster sim run`, `sweep` and `compare` have in common.</summary>
internal sealed class SimOptions
{
    private readonly Option<string> _cluster = new("--cluster")
    {
        Description = "GPUs by type; /4 puts four in each server.",
        HelpName = "v100:36,p100:36,k80:36",
        DefaultValueFactory = _ => "v100:36,p100:36,k80:36",
    };

    private readonly Option<string> _round = new("--round") { Description = "Length of a round.", HelpName = "360s", DefaultValueFactory = _ => "360s" };

    private readonly Option<string> _kind = new("--kind")
    {
        Description = "Generated jobs: of one GPU each, or also of 2, 4 and 8.",
        HelpName = "single|multi",
        DefaultValueFactory = _ => "single",
    };

    private readonly Option<string?> _window = new("--window")
    {
        Description = "Job ids FIRST:LAST (LAST excluded) that must end and are averaged; 0:200 where jobs are generated, all of a trace.",
        HelpName = "FIRST:LAST",
    };

    private readonly Option<string?> _throughputs = new("--throughputs")
    {
        Description = "Throughputs as JSON; a built-in table where not given.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _trace = new("--trace")
    {
        Description = "A workload instead of generated jobs: .csv as `muster sim trace generate` writes it, or ten fields between tabs.",
        HelpName = "FILE",
    };

    private readonly Option<int> _stuck = new("--stuck-rounds")
    {
        Description = "Rounds without a step after which a run ends as stuck.",
        DefaultValueFactory = _ => 50,
    };

    private readonly Option<bool> _whole = new("--whole-servers") { Description = "Gangs prefer GPUs of one server." };

    private readonly Option<string?> _policySeed = new("--policy-seed")
    {
        Description = "Seed of what a policy draws for itself; the run's seed where not given.",
        HelpName = "N",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_cluster, _round, _kind, _window, _throughputs, _trace, _stuck, _whole, _policySeed])
            command.Add(option);
    }

    public SimSetting Read(ParseResult parsed) => SimInput.Setting(
        parsed.GetValue(_cluster)!, parsed.GetValue(_round)!, parsed.GetValue(_kind)!, parsed.GetValue(_window), parsed.GetValue(_throughputs),
        parsed.GetValue(_trace), parsed.GetValue(_stuck), parsed.GetValue(_whole), parsed.GetValue(_policySeed));

    public static Option<string> Rate(string fallback) => new("--rate")
    {
        Description = "Jobs that arrive per hour on average (or /d, /m).",
        HelpName = "1.5/h",
        DefaultValueFactory = _ => fallback,
    };

    public static Option<string?> Out(string what) => new("--out") { Description = what, HelpName = "DIR" };
}
