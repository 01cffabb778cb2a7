using Muster.Primitives;

namespace Muster.Raft.Tests;

/// <summary>A member with a disk that a test can stop, and a state machine that keeps what it applied.</summary>
internal sealed class TestMember(RaftOptions options)
{
    private readonly Queue<Ready> _unstored = [];
    private Recovered _disk = Recovered.Blank;

    public RaftCore? Core { get; private set; }

    public bool DiskIsStopped { get; set; }

    public List<string> Applied { get; } = [];

    public List<ReadGrant> Reads { get; } = [];

    public void Begin(Recovered first)
    {
        _disk = first;
        Start();
    }

    public void Start() => Core = new(options, _disk);

    /// <summary>Loses what was not stored.</summary>
    public void Crash()
    {
        Core = null;
        _unstored.Clear();
        Applied.Clear();
    }

    /// <summary>Does everything due; returns what is to be sent.</summary>
    public List<Message> Work()
    {
        var letters = new List<Message>();
        while (Core is { } core && (core.HasReady || (!DiskIsStopped && _unstored.Count > 0)))
        {
            if (core.HasReady)
                Take(core.TakeReady(), letters);
            while (!DiskIsStopped && _unstored.TryDequeue(out var ready))
                Store(core, ready, letters);
        }

        return letters;
    }

    public void Compact(LogIndex upTo)
    {
        var snapshot = new Snapshot(new(Core!.TermAt(Core.Applied)!.Value, Core.Applied), Core.Configuration, default);
        Core.Step(new Input.SnapshotTaken(snapshot));
        Core.Step(new Input.Compact(upTo));
        _disk = _disk with { Snapshot = snapshot, Applied = snapshot.Position.Index };
    }

    private void Take(Ready ready, List<Message> letters)
    {
        letters.AddRange(ready.Messages);
        _unstored.Enqueue(ready);
        Reads.AddRange(ready.Reads);
        foreach (var entry in ready.Committed)
            Applied.Add(Facts.Content(entry));
        if (ready.Committed.Length > 0)
            Core!.Step(new Input.Applied(ready.Committed[^1].Index));
    }

    private void Store(RaftCore core, Ready ready, List<Message> letters)
    {
        if (ready.Snapshot is { } snapshot)
        {
            _disk = _disk with { Snapshot = snapshot, Entries = [], Applied = snapshot.Position.Index };
            Applied.Add($"snapshot at {snapshot.Position}");
        }

        if (ready.Entries.Length > 0)
            _disk = _disk with { Entries = [.. _disk.Entries.Where(entry => entry.Index < ready.Entries[0].Index), .. ready.Entries] };
        if (ready.Hard is { } hard)
            _disk = _disk with { Hard = hard };
        foreach (var message in ready.AfterStored)
        {
            if (message.To == core.Id)
                core.Step(new Input.Receive(message));
            else
                letters.Add(message);
        }

        if (ready.Ticket is { } ticket)
            core.Step(new Input.Persisted(ticket));
    }
}
