using System.Collections.Immutable;
using Muster.Primitives;
using Muster.Raft;

namespace Muster.Raft.Benchmarks;

/// <summary>Members that store at once and lose nothing: what remains is the cost of the core.</summary>
internal sealed class SteadyCluster
{
    private readonly RaftCore[] _cores;
    private readonly Queue<Message> _network = new();
    private readonly byte[] _data = new byte[100];

    public SteadyCluster(int members)
    {
        var first = Recovered.First(Configuration.OfVoters(Enumerable.Range(1, members).Select(id => new MemberId((ulong)id))));
        _cores = [.. first.Snapshot!.Configuration.Voters.Select(id => new RaftCore(new() { Id = id, PreVote = false }, first))];
        Step(_cores[0], new Input.Campaign());
        Settle();
    }

    public long Steps { get; private set; }

    public void Replicate(int entries, int batch)
    {
        var leader = _cores[0];
        for (var done = 0; done < entries; done += batch)
        {
            var proposals = ImmutableArray.CreateBuilder<Proposal>(batch);
            for (var i = 0; i < batch; i++)
                proposals.Add(new(_data));
            Step(leader, new Input.Propose(proposals.MoveToImmutable()));
            Settle();
            if (done % 4096 < batch)
                Compact();
        }
    }

    private void Settle()
    {
        while (_network.TryDequeue(out var message))
            Step(_cores[message.To.Number - 1], new Input.Receive(message));
    }

    private void Step(RaftCore core, Input input)
    {
        Steps++;
        core.Step(input);
        while (core.HasReady)
            Carry(core, core.TakeReady());
    }

    private void Carry(RaftCore core, Ready ready)
    {
        foreach (var message in ready.Messages)
            _network.Enqueue(message);
        foreach (var message in ready.AfterStored)
        {
            if (message.To == core.Id)
                Count(core, new Input.Receive(message));
            else
                _network.Enqueue(message);
        }

        if (ready.Ticket is { } ticket)
            Count(core, new Input.Persisted(ticket));
        if (ready.Committed.Length > 0)
            Count(core, new Input.Applied(ready.Committed[^1].Index));
    }

    private void Count(RaftCore core, Input input)
    {
        Steps++;
        core.Step(input);
    }

    private void Compact()
    {
        foreach (var core in _cores)
        {
            core.Step(new Input.SnapshotTaken(new(new(core.TermAt(core.Applied)!.Value, core.Applied), core.Configuration, default)));
            core.Step(new Input.Compact(core.Applied));
        }
    }
}
