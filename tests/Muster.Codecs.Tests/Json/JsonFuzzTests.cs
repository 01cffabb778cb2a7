using System.Text;
using System.Text.Json;
using Muster.Codecs.Control;
using Muster.Codecs.Nodes;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Keepers;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Json;

/// <summary>Any bytes are refused with a typed error, or stand for a value whose own bytes stand for it again.</summary>
public sealed class JsonFuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 200_000;

    private static readonly ulong s_seed = ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    [Fact]
    public void An_agents_message_is_refused_or_round_trips() =>
        Fuzz(NodeCorpus.AgentMessages.Select(NodeFrames.Encode), bytes => NodeFrames.DecodeAgentMessage(bytes) is { } read ? NodeFrames.Encode(read) : null);

    [Fact]
    public void A_servers_message_is_refused_or_round_trips() =>
        Fuzz(NodeCorpus.ServerMessages.Select(NodeFrames.Encode), bytes => NodeFrames.DecodeServerMessage(bytes) is { } read ? NodeFrames.Encode(read) : null);

    [Fact]
    public void A_keepers_message_is_refused_or_round_trips() =>
        Fuzz(NodeCorpus.KeeperMessages.Select(NodeFrames.Encode), bytes => NodeFrames.DecodeKeeperMessage(bytes) is { } read ? NodeFrames.Encode(read) : null);

    [Fact]
    public void An_order_to_a_keeper_is_refused_or_round_trips() =>
        Fuzz(NodeCorpus.Orders.Select(NodeFrames.Encode), bytes => NodeFrames.DecodeOrder(bytes) is { } read ? NodeFrames.Encode(read) : null);

    [Fact]
    public void An_agents_journal_is_refused_or_round_trips() =>
        Fuzz([NodeDocuments.Encode(NodeCorpus.AgentJournal)], bytes => NodeDocuments.Encode(NodeDocuments.DecodeAgentJournal(bytes)));

    [Fact]
    public void A_keepers_journal_is_refused_or_round_trips() =>
        Fuzz([NodeDocuments.Encode(NodeCorpus.KeeperJournal)], bytes => NodeDocuments.Encode(NodeDocuments.DecodeKeeperJournal(bytes)));

    [Fact]
    public void A_manifest_is_refused_with_a_reason_or_is_exactly_its_own_bytes() => Fuzz(
        [ManifestCodec.Encode(Manifest(1)).Span.ToArray(), ManifestCodec.Encode(Manifest(2)).Span.ToArray()],
        bytes =>
        {
            switch (ManifestCodec.Decode(new ByteString(bytes)))
            {
                case ManifestResult.Read(var manifest):
                    Assert.True(manifest.Bytes >= 0);
                    Assert.Equal(bytes, ManifestCodec.Encode(manifest).Span.ToArray());
                    return bytes;
                case ManifestResult.Refused(_, var text):
                    throw new CodecException("manifest", 0, text);
                default:
                    throw new InvalidOperationException("neither read nor refused");
            }
        });

    [Fact]
    public void A_submission_is_refused_or_round_trips() => Fuzz(
        [
            JsonSerializer.SerializeToUtf8Bytes(
                new JobSubmission(NodeCorpus.Specification, "digest", true, false, Secrets()), ControlJson.Default.JobSubmission),
        ],
        bytes => JsonSerializer.SerializeToUtf8Bytes(ControlBodies.DecodeSubmission(bytes), ControlJson.Default.JobSubmission));

    [Fact]
    public void A_wish_to_stop_is_refused_or_round_trips() => Fuzz(
        [
            .. new StopRequest[] { new(1.5, true, false), new(null, null, true) }
                .Select(stop => JsonSerializer.SerializeToUtf8Bytes(stop, ControlJson.Default.StopRequest)),
        ],
        bytes =>
        {
            var stop = ControlBodies.DecodeStop(bytes);
            Assert.True(TimeSpan.FromSeconds(stop.GraceSeconds ?? 0) >= TimeSpan.Zero);
            return JsonSerializer.SerializeToUtf8Bytes(stop, ControlJson.Default.StopRequest);
        });

    [Fact]
    public void A_report_line_is_refused_or_round_trips() => Fuzz(
        Texts(
            """{"step":12,"metrics":{"loss":1.5,"nan":"NaN","big":1e300,"text":"x"}}""", """{"step":0}""", """{"total":100}""",
            """{"restored":4}""", """{"restore_failed":4,"error":"bad"}""", """{"save_failed":5,"error":"full"}""",
            """{"promise":3,"step":9}""", """{"refuse":3,"step":9}""", """{"later":1}"""),
        bytes => WorkerApi.DecodeReport(bytes) is { } report ? Write(report) : null);

    [Fact]
    public void A_request_to_join_is_refused_or_round_trips() => Fuzz(
        Texts("""{"client":"muster-python 1"}""", "{}"),
        bytes => JsonSerializer.SerializeToUtf8Bytes(new { client = Assert.IsType<WorkerRequest.Join>(WorkerApi.DecodeJoin(bytes)).Client }));

    [Fact]
    public void A_request_for_a_checkpoints_directory_is_refused_or_round_trips() => Fuzz(
        Texts("""{"step":12,"background":true}""", """{"step":7}"""),
        bytes =>
        {
            var begin = Assert.IsType<WorkerRequest.BeginCheckpoint>(WorkerApi.DecodeBegin(bytes));
            Assert.True(begin.Step.Number >= 0);
            return JsonSerializer.SerializeToUtf8Bytes(new { step = begin.Step.Number, background = begin.Background });
        });

    [Fact]
    public void An_error_file_gives_a_message_or_none_whatever_is_in_it()
    {
        var spoiler = new JsonSpoiler(Texts(
            """{"message":{"message":"RuntimeError: x","extraInfo":{"timestamp":"1"}}}""", """{"message":"plain"}""", "\"bare\"", "[1]",
            """{"message":{"message":{"message":{"message":"deep"}}}}"""));
        var chance = new SeededRandom(s_seed);
        var found = 0;

        for (var i = 0; i < Inputs; i++)
            found += TorchErrorFile.Message(spoiler.Next(chance)) is null ? 0 : 1;

        output.WriteLine($"count: error file, {Inputs} inputs, {found} with a message, seed {s_seed}");
        Assert.InRange(found, Inputs / 50, Inputs * 49 / 50);
    }

    private static IEnumerable<byte[]> Texts(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, string> Secrets() =>
        System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("TOKEN", "s3cret");

    private static Manifest Manifest(int worldSize) => new()
    {
        Job = new JobId("charlm"),
        Step = new TrainingStep(20),
        Generation = new Generation(3),
        Token = NodeCorpus.Token,
        WorldSize = worldSize,
        Shards = [.. NodeCorpus.Shards.Take(worldSize)],
    };

    private static byte[] Write(WorkerReport report) => report switch
    {
        WorkerReport.Stepped(var step, var metrics) => JsonSerializer.SerializeToUtf8Bytes(new
        {
            step = step.Number,
            metrics = metrics.ToDictionary(pair => pair.Key, pair => pair.Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
        }),
        WorkerReport.Total(var steps) => JsonSerializer.SerializeToUtf8Bytes(new { total = steps }),
        WorkerReport.Restored(var step) => JsonSerializer.SerializeToUtf8Bytes(new { restored = step.Number }),
        WorkerReport.RestoreFailed(var step, var error) => JsonSerializer.SerializeToUtf8Bytes(new { restore_failed = step.Number, error }),
        WorkerReport.SaveFailed(var step, var error) => JsonSerializer.SerializeToUtf8Bytes(new { save_failed = step.Number, error }),
        WorkerReport.Promised(var request, var at) => JsonSerializer.SerializeToUtf8Bytes(new { promise = request, step = at.Number }),
        WorkerReport.Refused(var request, var at) => JsonSerializer.SerializeToUtf8Bytes(new { refuse = request, step = at.Number }),
        _ => throw new InvalidOperationException($"no such report: {report}"),
    };

    /// <param name="corpus">Good bytes.</param>
    /// <param name="again">Reads bytes and writes what was read; null when nothing in them is known.</param>
    private void Fuzz(IEnumerable<byte[]> corpus, Func<byte[], byte[]?> again, [System.Runtime.CompilerServices.CallerMemberName] string claim = "")
    {
        var good = corpus.ToArray();
        var spoiler = new JsonSpoiler(good);
        var chance = new SeededRandom(s_seed);
        var (accepted, refused) = (0, 0);

        for (var i = 0; i < Inputs; i++)
        {
            var input = i < good.Length ? good[i] : spoiler.Next(chance);
            try
            {
                if (again(input) is not { } canonical)
                    continue;
                Assert.Equal(canonical, again(canonical));
                accepted++;
            }
            catch (CodecException refusal) when (i >= good.Length)
            {
                Assert.NotEmpty(refusal.Message);
                refused++;
            }
            catch (Exception failure) when (failure is not CodecException || i < good.Length)
            {
                throw new InvalidOperationException($"seed {s_seed}, case {i}: {Encoding.UTF8.GetString(input)}", failure);
            }
        }

        output.WriteLine($"count: {claim}, {Inputs} inputs, {accepted} accepted, {refused} refused, seed {s_seed}");
        Assert.True(accepted > Inputs / 50 && refused > Inputs / 50, $"{accepted} accepted, {refused} refused: one side was not reached");
    }
}
