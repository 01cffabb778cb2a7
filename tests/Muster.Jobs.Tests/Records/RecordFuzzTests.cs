using System.Collections.Immutable;
using System.Text;
using Muster.Jobs.Nodes;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Specification;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Tests.Records;

/// <summary>Whatever someone writes into the store, a listing says what is wrong with it and goes on.</summary>
public sealed class RecordFuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 200_000;

    private static readonly ulong s_seed = ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    private static readonly string[] s_values =
    [
        "null", "true", "0", "-1", "9223372036854775808", "1e400", "\"\"", "\"x\"", "\"\\ud800\"", "[]", "{}", "[null]", "[[]]", "{\"a\":null}", "[{}]",
        "\"Stop\"", "\"99999999.00:00:00\"", "99",
    ];

    private static readonly JobId s_job = new("charlm");

    private static readonly CheckpointReference s_reference = new(new TrainingStep(20), new Generation(2), 2, new string('a', 32));

    private static readonly Reason s_reason = new(ReasonKind.RankExited) { Rank = new Rank(1), Node = new NodeId("h"), Code = 1, Detail = "x" };

    private static readonly JobSpecification s_specification = new()
    {
        Name = s_job,
        Run = ["python3", "train.py"],
        WorkingDirectory = "/srv",
        Environment = ImmutableSortedDictionary<string, string?>.Empty.Add("A", "1").Add("TOKEN", "t"),
        Resources = new ResourceSpecification { Accelerators = [new("H100", 8)] },
    };

    private static readonly (string Key, ByteString Value)[] s_corpus =
    [
        ("spec", RecordJson.Encode(
            new SpecificationRecord { Specification = s_specification, Program = "p", Submission = 1, BeginsAt = 1 },
            RecordContext.Default.SpecificationRecord)),
        ("control", RecordJson.Encode(new ControlRecord { Wish = JobWish.Stop, Save = true, Grace = TimeSpan.FromSeconds(3) }, RecordContext.Default.ControlRecord)),
        ("status", RecordJson.Encode(
            new StatusRecord
            {
                Phase = default, Reason = s_reason, Submission = 1, Restarts = [new(new Generation(1), s_reason)],
                Suspects = [new(new CheckpointName(new TrainingStep(20), new Generation(2)), "why")], Result = s_reference,
            },
            RecordContext.Default.StatusRecord)),
        ("secrets", RecordJson.Encode(
            new SecretsRecord { Values = ImmutableSortedDictionary<string, string>.Empty.Add("TOKEN", "s") }, RecordContext.Default.SecretsRecord)),
        ("current", RecordJson.Encode(
            new CurrentRecord
            {
                Generation = new Generation(3), State = CurrentState.Closed, Reason = s_reason, RestoreFrom = s_reference,
                Committed = new TrainingStep(20), EventSequence = 4,
            },
            RecordContext.Default.CurrentRecord)),
        ("request", RecordJson.Encode(
            new DemandRecord
            {
                Id = 1, Generation = new Generation(3), Step = new TrainingStep(30), Ends = true, State = DemandState.Proposed, Margin = 2,
                Proposals = 1, Serves = 1, Served = 0,
            },
            RecordContext.Default.DemandRecord)),
        ("generations/3", RecordJson.Encode(
            new GenerationRecord
            {
                Generation = new Generation(3), Submission = 1, Attempt = new Attempt(2), MasterPort = 7, CheckpointRoot = "/c",
                RestoreFrom = s_reference, Specification = s_specification, Nodes = [new(new NodeId("h"), "10.0.0.1", new Rank(0), 2, [0, 1])],
            },
            RecordContext.Default.GenerationRecord)),
        ("checkpoints/20.2", RecordJson.Encode(
            new CheckpointRecord
            {
                Checkpoint = s_reference, Submission = 1, ManifestPath = "/c/m", ManifestBytes = 10, Bytes = 100, Quarantine = new(true, "why"), Pinned = true,
            },
            RecordContext.Default.CheckpointRecord)),
        ("events/3/4", RecordJson.Encode(
            new EventRecord { Event = new JobEvent(4, new Generation(3), "formed", "why", new Rank(0), new TrainingStep(1)) }, RecordContext.Default.EventRecord)),
        ("removed/20.2", RecordJson.Encode(new FilesToDelete { Directory = "/c/20.2" }, RecordContext.Default.FilesToDelete)),
        ("sweeps/2", RecordJson.Encode(new FilesToDelete { Directory = "/c" }, RecordContext.Default.FilesToDelete)),
    ];

    [Fact]
    public void A_value_that_cannot_be_read_is_the_jobs_problem_and_nothing_is_thrown()
    {
        var chance = new SeededRandom(s_seed);
        var (whole, problems) = (0, 0);

        for (var i = 0; i < Inputs; i++)
        {
            var (key, value) = i < s_corpus.Length ? s_corpus[i] : chance.Pick(s_corpus);
            var bytes = i < s_corpus.Length ? value.Span.ToArray() : Spoil(value.Span.ToArray(), chance);
            try
            {
                var job = Listing(key, bytes);
                Assert.True(i >= s_corpus.Length || job.Problem is null, job.Problem);
                _ = job.Problem is null ? whole++ : problems++;
                if (job.Problem is null)
                    Use(job);
                else
                    Assert.Contains(key, job.Problem, StringComparison.Ordinal);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {s_seed}, case {i}: {key} = {Encoding.UTF8.GetString(bytes)}", failure);
            }
        }

        output.WriteLine($"count: store records, {Inputs} inputs, {whole} read, {problems} problems, seed {s_seed}");
        Assert.True(whole > Inputs / 50 && problems > Inputs / 50, $"{whole} read, {problems} problems: one side was not reached");
    }

    [Fact]
    public void A_key_that_no_program_writes_is_passed_over()
    {
        var chance = new SeededRandom(s_seed);
        const string Letters = "abc/.019-\0é";

        for (var i = 0; i < 20_000; i++)
        {
            var rest = string.Concat(Enumerable.Range(0, chance.Next(12)).Select(_ => Letters[chance.Next(Letters.Length)]));
            var (below, value) = chance.Pick(s_corpus);
            var key = chance.Next(3) switch { 0 => JobKeys.Jobs + rest, 1 => $"{JobKeys.Jobs}charlm/{below}{rest}", _ => $"{JobKeys.Jobs}{rest}/{below}" };
            StoreListing.Decode(new Revision(5), [Stored(key, value)]);
        }
    }

    /// <summary>Reads it twice: a value that is kept from the last listing is the same value.</summary>
    private static JobState Listing(string key, byte[] bytes)
    {
        var decoder = new ListingDecoder();
        var keys = ImmutableArray.Create(Stored($"{JobKeys.Jobs}charlm/{key}", new ByteString(bytes)));
        var first = Assert.Single(decoder.Decode(new Revision(5), keys).Jobs).Value;
        var second = Assert.Single(decoder.Decode(new Revision(5), keys).Jobs).Value;
        Assert.Equal(first.Problem, second.Problem);
        return first;
    }

    private static KeyValue Stored(string key, ByteString value) =>
        new(ByteString.From(key), value, new Revision(2), new Revision(3), new KeyVersion(1), default);

    /// <summary>What was read can be written again and looks the same.</summary>
    private static void Use(JobState job)
    {
        foreach (var checkpoint in job.Checkpoints)
            Same(checkpoint.Value, RecordContext.Default.CheckpointRecord);
        foreach (var generation in job.Generations)
            Same(generation.Value, RecordContext.Default.GenerationRecord);
        if (job.Specification is { } specification)
            Same(specification.Value, RecordContext.Default.SpecificationRecord);
        if (job.Status is { } status)
            Same(status.Value, RecordContext.Default.StatusRecord);
        if (job.Current is { } current)
            Same(current.Value, RecordContext.Default.CurrentRecord);
        if (job.Secrets is { } secrets)
            Same(secrets.Value, RecordContext.Default.SecretsRecord);
    }

    private static void Same<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        var written = RecordJson.Encode(value, type);
        var again = RecordJson.Decode(written, type, out var error);
        Assert.True(again is not null, error);
        Assert.Equal(written, RecordJson.Encode(again, type));
    }

    private static byte[] Spoil(byte[] bytes, SeededRandom chance)
    {
        var at = chance.Next(bytes.Length);
        switch (chance.Next(6))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes.AsSpan(0, at), (byte)chance.Next(256), .. bytes.AsSpan(at)];
            case 2:
                bytes[at] ^= (byte)(1 << chance.Next(8));
                return bytes;
            case 3:
                var noise = new byte[chance.Next(60)];
                chance.Fill(noise);
                return noise;
            default:
                return ReplaceValue(bytes, chance);
        }
    }

    /// <summary>Puts another value, or an unknown name, where some member was.</summary>
    private static byte[] ReplaceValue(byte[] bytes, SeededRandom chance)
    {
        var places = new List<Range>();
        var reader = new System.Text.Json.Utf8JsonReader(bytes);
        while (reader.Read())
        {
            if (reader.TokenType is System.Text.Json.JsonTokenType.StartObject or System.Text.Json.JsonTokenType.StartArray)
            {
                var inner = reader;
                inner.Skip();
                places.Add((int)reader.TokenStartIndex..(int)inner.BytesConsumed);
            }
            else if (reader.TokenType is not (System.Text.Json.JsonTokenType.EndObject or System.Text.Json.JsonTokenType.EndArray))
            {
                // A name keeps its colon.
                places.Add((int)reader.TokenStartIndex..(int)(reader.TokenStartIndex + reader.ValueSpan.Length
                    + (reader.TokenType is System.Text.Json.JsonTokenType.String or System.Text.Json.JsonTokenType.PropertyName ? 2 : 0)));
            }
        }

        var place = chance.Pick(places);
        return [.. bytes[..place.Start.Value], .. Encoding.UTF8.GetBytes(chance.Pick(s_values)), .. bytes[place.End.Value..]];
    }
}
