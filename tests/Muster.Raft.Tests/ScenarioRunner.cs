using System.Collections.Immutable;
using System.Text;
using Muster.Primitives;

namespace Muster.Raft.Tests;

/// <summary>The words of scenario files, each mapped to inputs of real cores.</summary>
internal sealed class ScenarioRunner
{
    private readonly SortedDictionary<ulong, TestMember> _members = [];
    private readonly List<Message> _letters = [];
    private readonly HashSet<(ulong From, ulong To)> _cut = [];
    private RaftOptions _options = new() { Id = new(1), ElectionTicks = 10, PreVote = false, CheckQuorum = false, PromotionLagMax = 2 };
    private double _seconds;
    private ulong _reads;

    public IEnumerable<string> Do(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var rest = words[1..];
        switch (words[0])
        {
            case "cluster": Cluster(rest); return [];
            case "join": Add(ulong.Parse(rest[0]), Recovered.Blank); return [];
            case "run": return Run(rest);
            case "tick": return Tick(ulong.Parse(rest[0]), int.Parse(rest[1]), rest.Length > 2 ? int.Parse(rest[2]) : 10);
            case "cut": Cut(rest[0]); return [];
            case "mend": _cut.Clear(); return [];
            case "lose": _letters.Clear(); return [];
            case "letters": Collect(); return _letters.Count == 0 ? ["none"] : _letters.Select(Describe);
            case "crash": Each(rest, member => member.Crash()); return [];
            case "start": Each(rest, member => member.Start()); return [];
            case "stop-disk": Each(rest, member => member.DiskIsStopped = true); return [];
            case "free-disk": Each(rest, member => member.DiskIsStopped = false); return [];
            case "show": return (rest.Length == 0 ? _members.Keys : rest.Select(ulong.Parse)).Select(id => Facts.Of(id, _members[id].Core));
            case "progress": return Core(rest[0]).Members.Select(Facts.Of);
            case "members": return [Core(rest[0]).Configuration.ToString()];
            case "applied": return [$"{rest[0]} applied {string.Join(' ', _members[ulong.Parse(rest[0])].Applied)}"];
            case "reads": return [$"{rest[0]} may answer {string.Join(' ', _members[ulong.Parse(rest[0])].Reads.Select(read => $"#{read.Context} at {read.Index}"))}".TrimEnd()];
            case "compact": _members[ulong.Parse(rest[0])].Compact(new(long.Parse(rest[1]))); return [];
            default: return [Facts.Of(Core(rest[0]).Step(InputOf(words[0], rest[1..])))];
        }
    }

    private Input InputOf(string word, string[] rest) => word switch
    {
        "campaign" => new Input.Campaign(),
        "propose" => new Input.Propose([.. rest.Select(text => new Proposal(Encoding.UTF8.GetBytes(text)))]),
        "change" => new Input.Propose([new(default, Change(rest))]),
        "read" => new Input.Read(++_reads, Now),
        "transfer" => new Input.TransferLeadership(new(ulong.Parse(rest[0]))),
        "link-closed" => new Input.LinkClosed(new(ulong.Parse(rest[0])), int.Parse(rest[1])),
        "forget-leader" => new Input.ForgetLeader(),
        "unreachable" => new Input.Unreachable(new(ulong.Parse(rest[0]))),
        "snapshot-sent" => new Input.SnapshotSent(new(ulong.Parse(rest[0])), rest[1] == "arrived"),
        _ => throw new InvalidOperationException($"no such word: {word}"),
    };

    private Instant Now => Instant.FromSeconds(_seconds);

    private RaftCore Core(string id) => _members[ulong.Parse(id)].Core!;

    private void Cluster(string[] rest)
    {
        foreach (var word in rest.Skip(1))
        {
            _options = word.Split('=') switch
            {
                ["prevote"] => _options with { PreVote = true },
                ["checkquorum"] => _options with { CheckQuorum = true },
                ["lease"] => _options with { CheckQuorum = true, Reads = ReadMode.Lease, Lease = TimeSpan.FromSeconds(0.8) },
                ["step-down"] => _options with { OnRemoval = LeaderRemoval.StepDown },
                ["append-bytes", var bytes] => _options with { Limits = _options.Limits with { AppendBytesMax = long.Parse(bytes) } },
                ["inflight", var count] => _options with { Limits = _options.Limits with { InflightMessagesMax = int.Parse(count) } },
                ["entry-bytes", var bytes] => _options with { Limits = _options.Limits with { EntryBytesMax = long.Parse(bytes) } },
                ["undecided-bytes", var bytes] => _options with { Limits = _options.Limits with { UndecidedBytesMax = long.Parse(bytes) } },
                ["reads", var count] => _options with { Limits = _options.Limits with { PendingReadsMax = int.Parse(count) } },
                _ => throw new InvalidOperationException($"no such option: {word}"),
            };
        }

        var voters = Enumerable.Range(1, int.Parse(rest[0])).Select(id => new MemberId((ulong)id)).ToList();
        foreach (var voter in voters)
            Add(voter.Number, Recovered.First(Configuration.OfVoters(voters)));
    }

    private void Add(ulong id, Recovered first)
    {
        _members[id] = new(_options with { Id = new(id) });
        _members[id].Begin(first);
    }

    private static ConfigurationChange Change(string[] words) => new(
        [.. words.Where(word => char.IsDigit(word[^1])).Select(word => new MemberChange((MemberChangeKind)"vlru".IndexOf(word[0]), new(ulong.Parse(word[1..]))))],
        words.Contains("explicit") ? Transition.JointExplicit : words.Contains("joint") ? Transition.JointImplicit : Transition.Automatic);

    private void Each(string[] ids, Action<TestMember> action)
    {
        foreach (var id in ids)
            action(_members[ulong.Parse(id)]);
    }

    /// <summary>1-2 cuts both ways, 1>2 one way, 1-* from everyone.</summary>
    private void Cut(string link)
    {
        var ends = link.Split('-', '>');
        var from = ulong.Parse(ends[0]);
        foreach (var to in ends[1] == "*" ? _members.Keys.Where(id => id != from) : [ulong.Parse(ends[1])])
        {
            _cut.Add((from, to));
            if (link.Contains('-', StringComparison.Ordinal))
                _cut.Add((to, from));
        }
    }

    private IEnumerable<string> Tick(ulong id, int count, int timeout)
    {
        for (var i = 0; i < count; i++)
        {
            _seconds += 0.1;
            _members[id].Core!.Step(new Input.Tick(Now, timeout));
        }

        return [];
    }

    private void Collect()
    {
        foreach (var member in _members.Values)
            _letters.AddRange(member.Work());
        _letters.RemoveAll(letter => _cut.Contains((letter.From.Number, letter.To.Number)));
    }

    /// <summary>Delivers, in order, until nothing moves; `run 3` takes so many rounds only.</summary>
    private IEnumerable<string> Run(string[] rest)
    {
        var rounds = rest.Length > 0 ? int.Parse(rest[0]) : 1000;
        for (Collect(); _letters.Count > 0 && rounds-- > 0; Collect())
        {
            var letters = _letters.ToArray();
            _letters.Clear();
            foreach (var letter in letters)
                if (_members.TryGetValue(letter.To.Number, out var to) && to.Core is { } core)
                    core.Step(new Input.Receive(letter));
        }

        return [];
    }

    private static string Describe(Message letter)
    {
        var head = $"{letter.From}->{letter.To} ";
        return head + letter switch
        {
            Message.VoteRequest m => $"{(m.IsPreVote ? "asks beforehand" : "asks for a vote")} in term {m.Term}, log ends at {m.Last}",
            Message.VoteResponse m => $"{(m.Granted ? "grants" : "refuses")} {(m.IsPreVote ? "beforehand" : "a vote")} in term {m.Term}",
            Message.Append m => $"appends [{string.Join(' ', m.Entries.Select(Facts.Content))}] after {m.Previous}, decided {m.Committed}",
            Message.AppendResponse { Refused: true } m => $"lacks {m.Index}, may agree at {m.Hint}",
            Message.AppendResponse m => $"holds up to {m.Index}",
            Message.Heartbeat m => $"heartbeat, decided {m.Committed}",
            Message.InstallSnapshot m => $"snapshot at {m.Snapshot.Position}",
            _ => letter.GetType().Name,
        };
    }
}
