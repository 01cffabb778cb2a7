using System.Collections.Immutable;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Coordinator;

/// <summary>One decision about a job, gathered into one transaction.</summary>
/// <remarks>
/// Every change puts <c>current</c> and is guarded by its modify revision, so decisions about a job are totally ordered:
/// a transaction whose outcome was unknown cannot take effect after a later one.
/// </remarks>
internal sealed class Change
{
    private readonly JobState _job;
    private readonly List<Compare> _guards = [];
    private readonly List<Operation> _operations = [];
    private readonly List<JobEvent> _events = [];
    private StatusRecord? _status;

    public Change(JobState job)
    {
        _job = job;
        Current = job.Current!.Value;
    }

    public CurrentRecord Current { get; set; }

    /// <summary>The generation it forms; null: none.</summary>
    public GenerationRecord? Forms { get; set; }

    /// <summary>The status after the change.</summary>
    public StatusRecord Status
    {
        get => _status ?? _job.Status!.Value;
        set => _status = value;
    }

    public Change Guard(Compare guard)
    {
        _guards.Add(guard);
        return this;
    }

    public Change Put(ByteString key, ByteString value)
    {
        _operations.Add(new Operation.Put(key, value));
        return this;
    }

    public Change Delete(ByteString key)
    {
        _operations.Add(new Operation.Delete(KeyRange.Single(key)));
        return this;
    }

    /// <summary>Takes down what was decided and why.</summary>
    public Change Event(string kind, string text, Rank? rank = null, TrainingStep? step = null)
    {
        Current = Current with { EventSequence = Current.EventSequence + 1 };
        _events.Add(new(Current.EventSequence, Current.Generation, kind, text, rank, step));
        return this;
    }

    /// <summary>Takes down a typed reason.</summary>
    public Change Event(string kind, Reason reason) => Event(kind, reason.Text, reason.Rank, reason.Step);

    /// <summary>The transaction.</summary>
    /// <param name="leadership">The election's key and its create revision; null: a person's request, which needs none.</param>
    /// <param name="eventsMax">Events kept.</param>
    public Transaction Build((ByteString Key, Revision Granted)? leadership, int eventsMax)
    {
        Invariant.Require(_events.Count > 0);
        var guards = ImmutableArray.CreateBuilder<Compare>();
        if (leadership is var (key, granted))
            guards.Add(Compare.CreatedAt(key, granted));
        guards.Add(Compare.ModifiedAt(JobKeys.Current(_job.Job), _job.Current!.Modified));
        guards.AddRange(_guards);
        var operations = ImmutableArray.CreateBuilder<Operation>();
        operations.Add(new Operation.Put(
            JobKeys.Current(_job.Job), RecordJson.Encode(Current, RecordContext.Default.CurrentRecord)));
        if (_status is { } status)
            operations.Add(new Operation.Put(JobKeys.Status(_job.Job), RecordJson.Encode(status, RecordContext.Default.StatusRecord)));
        operations.AddRange(_operations);
        foreach (var decided in _events)
            operations.Add(new Operation.Put(
                JobKeys.Event(_job.Job, decided.Generation, decided.Sequence),
                RecordJson.Encode(new() { Event = decided }, RecordContext.Default.EventRecord)));
        foreach (var old in _job.Events.Take(_job.Events.Length + _events.Count - eventsMax))
            operations.Add(new Operation.Delete(
                KeyRange.Single(JobKeys.Event(_job.Job, old.Value.Event.Generation, old.Value.Event.Sequence))));
        return Transaction.When(guards.ToImmutable(), operations.ToImmutable());
    }
}
