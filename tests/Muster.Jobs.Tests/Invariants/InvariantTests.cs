using System.Collections.Immutable;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Specification;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Tests.Invariants;

/// <summary>Checkers that have never failed prove nothing: each is shown the bug it is there for.</summary>
public sealed class InvariantTests
{
    private static readonly JobId s_job = new("j");

    [Fact]
    public void An_unharmed_history_passes() => Jobs(Job(1), Job(2));

    [Fact]
    public void A_generation_number_that_goes_back_is_caught() => Caught("never goes back", () => Jobs(Job(2), Job(1)));

    [Fact]
    public void A_job_that_rises_again_is_caught() =>
        Caught("finished stays finished", () => Jobs(Job(1, JobPhase.Completed), Job(2)));

    [Fact]
    public void An_attempt_counted_twice_is_caught() => Caught("counted once", () => Jobs(Job(1), Job(2, attempt: 2)));

    [Fact]
    public void A_spent_budget_that_goes_on_is_caught() =>
        Caught("budget", () => Jobs(Job(1, JobPhase.Waiting, attempt: 5, charged: 5)));

    [Fact]
    public void A_gap_in_events_is_caught() => Caught("no gaps", () => Jobs(Job(1, events: [1, 3])));

    [Fact]
    public void Two_generations_that_write_are_caught()
    {
        var facts = new JobFacts { Job = s_job, Generation = new(1), Phase = NodePhase.Running };
        var node = new NodeSnapshot { Node = new("a"), Incarnation = 1, Sequence = 1, Address = "a", Resources = new(1, 1, []), Jobs = [facts] };

        Caught("at most one generation", () => new JobInvariants().Check(Listing(Job(2)), [node]));
    }

    [Fact]
    public void A_key_without_its_manifest_is_caught() =>
        Caught("without its manifest", () => new CheckpointInvariants().Check(Listing(Job(1, checkpoints: [(10, 1)])), new Dictionary<string, ByteString?>()));

    [Fact]
    public void The_deletion_of_the_last_checkpoint_is_caught()
    {
        var checker = new CheckpointInvariants();
        checker.Check(Listing(Job(1, checkpoints: [(10, 1)])), Files((10, 1)));

        Caught("last restorable", () => checker.Check(Listing(Job(1)), Files()));
    }

    [Fact]
    public void A_commit_by_a_replaced_generation_is_caught()
    {
        var checker = new CheckpointInvariants();
        checker.Check(Listing(Job(2)), Files());

        Caught("stale generation", () => checker.Check(Listing(Job(2, checkpoints: [(10, 1)])), Files((10, 1))));
    }

    private static void Caught(string law, Action check) =>
        Assert.Contains(law, Assert.Throws<InvariantBrokenException>(check).Message, StringComparison.Ordinal);

    private static void Jobs(params JobState[] history)
    {
        var checker = new JobInvariants();
        foreach (var job in history)
            checker.Check(Listing(job), []);
    }

    private static StoreListing Listing(JobState job) =>
        new(new(1), ImmutableSortedDictionary<JobId, JobState>.Empty.Add(s_job, job), [new("a")]);

    private static Dictionary<string, ByteString?> Files(params (int Step, int Generation)[] names) => names.ToDictionary(
        name => $"/c/j/{name.Step}.{name.Generation}",
        name => (ByteString?)ManifestCodec.Encode(new()
        {
            Job = s_job, Step = new(name.Step), Generation = new(name.Generation), Token = default, WorldSize = 1, Shards = [new(new(name.Step), new(0), [])],
        }));

    private static JobState Job(
        int generation, JobPhase phase = JobPhase.Running, int attempt = 0, int charged = 0, int[]? events = null, (int Step, int Generation)[]? checkpoints = null) => new()
    {
        Job = s_job,
        Specification = Store(new SpecificationRecord
        {
            Specification = new JobSpecification { Name = s_job, Run = ["x"], WorkingDirectory = "/", Restart = new() { Max = 3 } }, Program = "", Submission = 1, BeginsAt = 1,
        }),
        Status = Store(new StatusRecord
        {
            Phase = phase, Reason = new(ReasonKind.Started), Submission = 1, Attempt = new(attempt), Charged = charged, Restarts = [], Suspects = [],
        }),
        Current = Store(new CurrentRecord { Generation = new(generation), State = CurrentState.Running, EventSequence = 1 }),
        Events = [.. (events ?? []).Select(number => Store(new EventRecord { Event = new(number, default, "x", "x", null, null) }))],
        Checkpoints =
        [
            .. (checkpoints ?? []).Select(name => Store(new CheckpointRecord
            {
                Checkpoint = new(new(name.Step), new(name.Generation), 1, ""), Submission = 1, ManifestPath = $"/c/j/{name.Step}.{name.Generation}/manifest.json", ManifestBytes = 1, Bytes = 0,
            })),
        ],
    };

    private static Stored<T> Store<T>(T value) => new(value, new(1), new(1));
}
