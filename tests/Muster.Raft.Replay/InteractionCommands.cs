using System.Text;

namespace Muster.Raft.Replay;

/// <summary>The commands of interaction files; state runs through a file.</summary>
internal sealed class InteractionCommands
{
    private readonly Interaction _world = new();
    private bool _isQuiet;

    public string Run(Block block)
    {
        var quietBefore = _isQuiet;
        if (block.Value("log-level") is { } level && block.Command == "stabilize")
            _isQuiet = level == "none";
        var error = Execute(block);
        var output = _world.TakeOutput();
        var isQuiet = _isQuiet;
        if (block.Command == "stabilize")
            _isQuiet = quietBefore;
        if (isQuiet)
            return error ?? "ok\n";
        output += error;
        return output.Length == 0 ? "ok\n" : output;
    }

    private Node First(Block block) => _world.Nodes[block.Numbers.First() - 1];

    private string? Execute(Block block)
    {
        switch (block.Command)
        {
            case "add-nodes":
                AddNodes(block);
                return null;
            case "log-level":
                _isQuiet = block.Words[0].Key == "none";
                return null;
            case "raft-log":
                PrintLog(First(block));
                return null;
            case "raft-state":
                PrintStates();
                return null;
            case "status":
                if (First(block).Core.Role == Role.Leader)
                    _world.Print(Describe.Progress(First(block).Core.State.Members));
                return null;
            case "stabilize":
                Stabilize([.. Chosen(block)]);
                return null;
            case "process-ready":
                ForEach(block, "handling Ready", _world.ProcessReady);
                return null;
            case "process-append-thread":
                ForEach(block, "processing append thread", _world.ProcessAppend);
                return null;
            case "process-apply-thread":
                ForEach(block, "processing apply thread", _world.ProcessApply);
                return null;
            case "deliver-msgs":
                Deliver(block);
                return null;
            default:
                return Act(block);
        }
    }

    private string? Act(Block block)
    {
        var input = block.Command switch
        {
            "campaign" => new Input.Campaign(),
            "forget-leader" => new Input.ForgetLeader(),
            "report-unreachable" => new Input.Unreachable(new((ulong)block.Numbers.Last())),
            "propose" => new Input.Propose([new(Encoding.UTF8.GetBytes(block.Words[1].Key))]),
            "propose-conf-change" => new Input.Propose([new(default, Change(block))]),
            _ => (Input?)null,
        };
        if (input is not null)
        {
            var outcome = First(block).Core.Step(input);
            return outcome is StepOutcome.Dropped dropped && input is Input.Propose ? Interaction.ErrorText(dropped.Reason) + "\n" : null;
        }

        switch (block.Command)
        {
            case "tick-heartbeat" or "tick-election":
                var node = First(block);
                for (var i = 0; i < (block.Command == "tick-election" ? node.Options.ElectionTicks : node.Options.HeartbeatTicks); i++)
                    node.Tick();
                return null;
            case "set-randomized-election-timeout":
                First(block).TimeoutTicks = int.Parse(block.Value("timeout")!);
                return null;
            case "transfer-leadership":
                _world.Nodes[int.Parse(block.Value("from")!) - 1].Core.Step(new Input.TransferLeadership(new(ulong.Parse(block.Value("to")!))));
                return null;
            case "send-snapshot":
                SendSnapshot(block);
                return null;
            case "compact":
                First(block).Compact(new(block.Numbers.Last()));
                PrintLog(First(block));
                return null;
            default:
                return $"unknown command {block.Command}\n";
        }
    }

    private void AddNodes(Block block)
    {
        MemberSet Members(string key) => MemberSet.Of(block.Values(key).Select(id => new MemberId(ulong.Parse(id))));
        bool Is(string key) => block.Value(key) == "true";
        var index = long.Parse(block.Value("index") ?? "0");
        var start = index == 0 ? null : new Snapshot(
            new(new(1), new(index)), Configuration.Empty with { Voters = Members("voters"), Learners = Members("learners") }, default);
        for (var i = 0; i < block.Numbers.First(); i++)
        {
            var lease = block.Value("read-only") == "lease-based";
            var options = new RaftOptions
            {
                Id = new((ulong)_world.Nodes.Count + 1),
                ElectionTicks = 3,
                PreVote = Is("prevote"),
                CheckQuorum = Is("checkquorum"),
                Reads = lease ? ReadMode.Lease : ReadMode.Quorum,
                Storage = Is("async-storage-writes") ? StorageMode.Pipelined : StorageMode.Synchronous,
                OnRemoval = Is("step-down-on-removal") ? LeaderRemoval.StepDown : LeaderRemoval.GoOn,
                ValidateChanges = !Is("disable-conf-change-validation"),
                PromotionLagMax = null,
                Limits = new()
                {
                    AppendBytesMax = long.MaxValue,
                    InflightBytesMax = long.MaxValue,
                    InflightMessagesMax = int.Parse(block.Value("inflight") ?? "1000000"),
                    AppliedBytesPerReadyMax = long.Parse(block.Value("max-committed-size-per-ready") ?? $"{long.MaxValue}"),
                },
            };
            // The files fix no timeouts but for two commands; the longest draw stands unless a command says otherwise.
            _world.Nodes.Add(new(options, start) { TimeoutTicks = 5 });
        }
    }

    private static ConfigurationChange Change(Block block) => new(
        MembershipCommands.Changes(block.Input),
        block.Value("transition") switch
        {
            "implicit" => Transition.JointImplicit,
            "explicit" => Transition.JointExplicit,
            _ => Transition.Automatic,
        },
        block.Value("v1") == "true" ? "v1"u8.ToArray() : default);

    private IEnumerable<Node> Chosen(Block block)
    {
        var numbers = block.Numbers.ToList();
        return numbers.Count == 0 ? _world.Nodes : numbers.Select(number => _world.Nodes[number - 1]);
    }

    private void ForEach(Block block, string header, Action<Node> action)
    {
        var nodes = Chosen(block).ToList();
        foreach (var node in nodes)
        {
            if (nodes.Count > 1)
                _world.Indented($"> {node.Core.Id} {header}", () => action(node));
            else
                action(node);
        }
    }

    private void Stabilize(List<Node> nodes)
    {
        bool moved;
        do
        {
            moved = false;
            void Round(Func<Node, bool> isDue, string header, Action<Node> action)
            {
                foreach (var node in nodes.Where(isDue))
                {
                    _world.Indented($"> {node.Core.Id} {header}", () => action(node));
                    moved = true;
                }
            }

            Round(node => node.Core.HasReady, "handling Ready", _world.ProcessReady);
            Round(node => _world.Network.Any(flight => flight.To == node.Core.Id), "receiving messages",
                node => _world.Deliver(node.Core.Id, null, drop: false));
            Round(node => node.AppendWork.Count > 0, "processing append thread", node =>
            {
                while (node.AppendWork.Count > 0)
                    _world.ProcessAppend(node);
            });
            Round(node => node.ApplyWork.Count > 0, "processing apply thread", node =>
            {
                while (node.ApplyWork.Count > 0)
                    _world.ProcessApply(node);
            });
        }
        while (moved);
    }

    private void Deliver(Block block)
    {
        var kind = block.Value("type");
        var handled = block.Numbers.Sum(to => _world.Deliver(new((ulong)to), kind, drop: false))
            + block.Values("drop").Sum(to => _world.Deliver(new(ulong.Parse(to)), kind, drop: true));
        if (handled == 0)
            _world.Print("no messages");
    }

    private void SendSnapshot(Block block)
    {
        var from = First(block);
        var message = new Message.InstallSnapshot(
            from.Core.Id, new((ulong)block.Numbers.Last()), from.Core.Term, from.LatestSnapshot);
        _world.Network.Add(Flight.Of(message));
        _world.Print(Describe.Letter(message));
    }

    private void PrintStates()
    {
        foreach (var core in _world.Nodes.Select(node => node.Core))
        {
            var voter = core.Configuration.IsVoter(core.Id) ? "Voter" : "Non-Voter";
            _world.Print($"{core.Id}: {Describe.Role(core.Role)} ({voter}) Term:{core.Term} Lead:{core.Leader}");
        }
    }

    private void PrintLog(Node node)
    {
        if (node.Stored.Count == 0)
            _world.Print($"log is empty: first index={node.StoredFirst}, last index={node.StoredFirst.Previous()}");
        foreach (var entry in node.Stored)
            _world.Print(Describe.Entry(entry));
    }
}
