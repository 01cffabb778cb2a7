using System.Collections.Immutable;
using System.Globalization;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;
using Muster.Jobs.Requests;
using Muster.Jobs.Specification;
using Muster.Jobs.Tests.World;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Tests;

/// <summary>Maps the commands of a scenario to inputs of the core, and shows the facts that are new since the last block.</summary>
internal sealed class ScenarioRunner
{
    private JobWorld _world = new();
    private readonly SortedDictionary<JobId, long> _shown = [];
    private readonly SortedDictionary<JobId, string> _phases = [];
    private readonly List<string> _said = [];
    private JobId _job = new("j");

    public string Run(string commands)
    {
        _said.Clear();
        foreach (var line in commands.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Execute(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            _world.Drain();
        }

        return string.Join('\n', News().Concat(_said));
    }

    private void Execute(string[] words)
    {
        switch (words)
        {
            case ["cluster", .. var options]: Cluster(options); break;
            case ["take-office"]: _world.TakeOffice(); break;
            case ["job", var name]: _job = new(name); break;
            case ["node", var name, .. var gpus]: _world.AddNode(new(new(name), [.. gpus])); break;
            case ["submit", .. var options]: Submit(options); break;
            case ["stop", .. var how]: Ask(JobRequests.Stop(State, how is ["save"] ? true : how is ["now"] ? false : null)); break;
            case ["cancel"]: Ask(JobRequests.Cancel(State)); break;
            case ["resume"]: Ask(JobRequests.Resume(State)); break;
            case ["checkpoint"]: Ask(JobRequests.Checkpoint(State)); break;
            case ["pin", var step]: Ask(CheckpointRequests.Pin(State, Step(step), null, true)); break;
            case ["unpin", var step]: Ask(CheckpointRequests.Pin(State, Step(step), null, false)); break;
            case ["remove", var step]: Ask(CheckpointRequests.Remove(State, Step(step), null, force: false)); break;
            case ["remove", var step, "force"]: Ask(CheckpointRequests.Remove(State, Step(step), null, force: true)); break;
            case ["remove"]: Ask(JobRequests.Remove(State)); break;
            case ["rank", var rank, .. var does]: Rank(int.Parse(rank, CultureInfo.InvariantCulture), does); break;
            case ["ranks", .. var does]: AllRanks(does); break;
            case ["agent", var name, .. var does]: Agent(_world.Nodes[new(name)], does); break;
            case ["advance", var time]: _world.Advance(Duration(time)); break;
            case ["disk", var state]: _world.IsDiskFull = state == "full"; break;
            case ["crash-coordinator"]: _world.Crash(); break;
            case ["crash", "before", var effect]: _world.CrashAt = (effect, true); break;
            case ["crash", "after", var effect]: _world.CrashAt = (effect, false); break;
            case ["show", var what]: Show(what); break;
            default: throw new InvalidOperationException($"unknown command: {string.Join(' ', words)}");
        }
    }

    private JobState? State => _world.Job(_job);

    private void Cluster(string[] options) => _world = new()
    {
        Options = new() { CheckpointRoot = "/ckpt", SingleNode = options.Contains("single-node") },
    };

    private void Ask(RequestPlan plan)
    {
        if (plan is RequestPlan.Refused refused)
            _said.Add($"refused {refused.Refusal}");
        if (plan is RequestPlan.AlreadySo so)
            _said.Add($"already {so.Phase}");
        _world.Request(plan);
    }

    private void Submit(string[] options)
    {
        var specification = new JobSpecification { Name = _job, Run = ["train"], WorkingDirectory = "/work" };
        var submit = new SubmitOptions();
        foreach (var option in options)
        {
            var (name, value) = option.Split('=') is [var n, var v] ? (n, v) : (option, "");
            (specification, submit) = name switch
            {
                "again" => (specification, submit with { Again = true }),
                "accept-change" => (specification, submit with { AcceptsChange = true }),
                "program" => (specification, submit with { Program = value }),
                _ => (ScenarioOptions.Set(specification, name, value), submit),
            };
        }

        Ask(SubmitRequest.Plan(State, specification, submit));
    }

    private FakeNode NodeOf(int rank) =>
        _world.Nodes.Values.First(node => node.Jobs.TryGetValue(_job, out var facts) && facts.Ranks.Any(known => known.Rank.Number == rank));

    private void AllRanks(string[] does)
    {
        var ranks = _world.Nodes.Values.Where(node => node.Jobs.ContainsKey(_job)).SelectMany(node => node.Jobs[_job].Ranks);
        foreach (var rank in ranks.Where(rank => rank.Exit is null).Select(rank => rank.Rank.Number).Order().ToList())
            Rank(rank, does, report: false);
        foreach (var node in _world.Nodes.Values)
            _world.Report(node);
    }

    private void Rank(int rank, string[] does, bool report = true)
    {
        var node = NodeOf(rank);
        switch (does)
        {
            case ["exits", var code]: node.Exit(_job, rank, int.Parse(code, CultureInfo.InvariantCulture), 0, asked: false); break;
            case ["killed", var signal]: node.Exit(_job, rank, 0, int.Parse(signal, CultureInfo.InvariantCulture), asked: false); break;
            case ["ended-by-node"]: node.Exit(_job, rank, 0, 15, asked: true); break;
            case ["shard", var step]: Shard(node, rank, Step(step)); break;
            default: node.ChangeRank(_job, rank, facts => ScenarioOptions.Change(facts, does)); break;
        }

        if (report)
            _world.Report(node);
    }

    private void Shard(FakeNode node, int rank, TrainingStep step)
    {
        _world.Files.TryAdd($"/ckpt/{_job}/{step}.{node.Jobs[_job].Generation}", null);
        node.Change(_job, facts => facts with
        {
            Shards = facts.Shards.Add(new(step, new(rank), [new("state.bin", 10, new string('0', 32))])),
        });
    }

    private void Agent(FakeNode node, string[] does)
    {
        switch (does)
        {
            case ["loses-lease"]: _world.Lease(node, false); break;
            case ["gains-lease"]: _world.Lease(node, true); break;
            case ["dies"]: node.IsConnected = false; _world.Lease(node, false); break;
            case ["disconnects"]: node.IsConnected = false; break;
            case ["connects"]: node.IsConnected = true; break;
            case ["restarts"]: node.RestartAgent(); break;
            case ["reports"]: break;
            case ["disobeys"]: node.Obeys = false; break;
            case ["obeys"]: node.Obeys = true; if (node.Wish is { } wish) node.Receive(wish); break;
            case ["silent-ranks"]: node.Answers = false; break;
            case ["forgets"]: node.Forget(_job); break;
            case ["knows-generation", var n]: node.Change(_job, facts => facts with { Generation = new(long.Parse(n, CultureInfo.InvariantCulture)) }); break;
            case ["keeper-lost"]: node.Change(_job, facts => facts with { KeeperLost = true, Phase = NodePhase.Ended }); break;
            case ["refuses"]: node.Change(_job, facts => facts with { Refusal = "no such directory" }); break;
            default: throw new InvalidOperationException(string.Join(' ', does));
        }

        _world.Report(node);
    }

    private IEnumerable<string> News()
    {
        foreach (var job in _world.Listing.Jobs.Values)
        {
            foreach (var decided in JobViews.Events(job, _shown.GetValueOrDefault(job.Job)))
            {
                var about = (decided.Rank is { } rank ? $" rank {rank}" : "") + (decided.Step is { } step ? $" step {step}" : "");
                yield return $"{job.Job} g{decided.Generation} {decided.Kind}{about}";
                _shown[job.Job] = decided.Sequence;
            }

            var phase = job.Status is { Value: var status } ? $"{job.Job} {status.Phase} {status.Reason.Name} attempt {status.Attempt}" : $"{job.Job} removed";
            if (_phases.GetValueOrDefault(job.Job) != phase)
                yield return _phases[job.Job] = phase;
        }
    }

    private void Show(string what) => _said.AddRange(ScenarioOptions.Show(_world, _job, what));

    private static TrainingStep Step(string text) => new(long.Parse(text, CultureInfo.InvariantCulture));

    internal static TimeSpan Duration(string text) =>
        double.Parse(text[..^1], CultureInfo.InvariantCulture) * (text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            _ => TimeSpan.FromHours(1),
        });
}
