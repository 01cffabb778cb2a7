using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Codecs.JobFile.Tests;

public sealed class JobFileProperties(ITestOutputHelper output)
{
    private const int Specifications = 20_000;
    private const int Inputs = 200_000;

    private static readonly JobFileOptions s_options = new() { BaseDirectory = "/base" };

    private static readonly string[] s_pieces =
    [
        "name: ", "run: ", "workdir: ", "env: ", "gang: ", "nodes: ", "procsPerNode: ", "checkpoint: ", "every: ", "keep: ", "to: ",
        "restart: ", "backoff: ", "liveness: ", "isolated: ", "stop: ", "grace: ", "schedule: ", "weight: ", "set: ", "resources: ",
        "accelerators: ", "memory: ", "warm: ", "python: ", "onSuccess: ", "register: ", "maxRuntime: ", "failure: ", "- ", "  ", "\n", "\n  ",
        "[", "]", "{", "}", ", ", ": ", "\"", "'", "${a}", "$${", "a", "1", "-1", "30s", "1..4", "H100:8", "64GB", "null", "~", "|", ">", "&x ", "*x",
        "!t ", "#", "---", "...", "\t", "\\", "\u00e9", "\U0001F600", "\ud800", "\0", "%", "@", "?", "stop after 5m", "file:///x", "99999999999999999999", "1e400", "NaN",
    ];

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        var seed = Seed();
        var lengths = new long[2];
        for (var i = 0; i < Specifications; i++)
        {
            var job = SpecificationOf(new(seed + (ulong)i));

            var text = JobFileWriter.Write(job);
            var result = JobFileReader.Read(text, s_options);

            Assert.True(result is JobFileResult.Read, $"seed {seed + (ulong)i}\n{text}\n{string.Join('\n', (result as JobFileResult.Refused)?.Errors ?? [])}");
            Assert.True(JobFileWriter.Write(((JobFileResult.Read)result).Specification) == text, $"seed {seed + (ulong)i}\n{text}");
            Assert.Equal(job.Run, ((JobFileResult.Read)result).Specification.Run);
            lengths[0] += text.Length;
        }

        output.WriteLine($"{Specifications} specifications from seed {seed}, {lengths[0] / Specifications} characters each");
    }

    [Fact]
    public void Any_text_is_read_canonically_or_refused_with_a_place()
    {
        var seed = Seed();
        var (read, refused, errors) = (0, 0, 0L);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Inputs; i++)
        {
            var text = TextOf(new(seed + (ulong)i));
            try
            {
                switch (JobFileReader.Read(text, s_options))
                {
                    case JobFileResult.Read(var job, _):
                        var canonical = JobFileWriter.Write(job);
                        var again = Assert.IsType<JobFileResult.Read>(JobFileReader.Read(canonical, s_options));
                        Assert.Equal(canonical, JobFileWriter.Write(again.Specification));
                        read++;
                        break;
                    case JobFileResult.Refused(var found):
                        Assert.NotEmpty(found);
                        Assert.All(found, error => Assert.True(error.Line > 0 || error.Text.StartsWith("and ", StringComparison.Ordinal)));
                        refused++;
                        errors += found.Length;
                        break;
                }
            }
            catch (Exception wrong)
            {
                throw new InvalidOperationException($"seed {seed + (ulong)i}: {text}", wrong);
            }
        }

        output.WriteLine($"{Inputs} inputs from seed {seed} in {clock.Elapsed.TotalSeconds:0.0} s: {read} read, {refused} refused with {errors} errors");
        Assert.True(read > Inputs / 100, $"only {read} inputs were valid: the generator is too wild");
    }

    /// <summary>Half is made of the file's own words, half is a valid file with a few characters changed.</summary>
    private static string TextOf(SeededRandom random)
    {
        var text = new StringBuilder();
        if (random.Chance(0.4))
        {
            text.Append(random.Chance(0.7) ? "run: a\n" : "");
            for (var left = random.Next(1, 14); left > 0; left--)
                text.Append(random.Pick(s_pieces));
            return text.ToString();
        }

        var fields = JobFileWriter.Write(SpecificationOf(random)).Split('\n');
        var keep = random.Next(2, 8);
        text.Append(string.Join('\n', random.Chance(0.5) ? fields.Take(keep) : fields)).Append('\n');
        for (var changes = random.Next(0, 4); changes > 0 && text.Length > 0; changes--)
        {
            var at = random.Next(text.Length);
            if (random.Chance(0.3))
                text.Remove(at, Math.Min(random.Next(1, 5), text.Length - at));
            else if (random.Chance(0.5))
                text.Insert(at, random.Pick(s_pieces));
            else
                text[at] = (char)random.Next(1, 128);
        }

        return text.ToString();
    }

    private static JobSpecification SpecificationOf(SeededRandom random) => new()
    {
        Name = new(random.Pick<string>(["a", "charlm", "x-1-y", new string('z', 63)])),
        Run = [.. Enumerable.Range(0, random.Next(1, 5)).Select(i => i == 0 ? "train" + Any(random) : Any(random))],
        WorkingDirectory = random.Chance(0.5) ? "/" : "/home/dir ${x}",
        Environment = Enumerable.Range(0, random.Next(3)).ToImmutableSortedDictionary(i => $"V{i}", i => random.Chance(0.3) ? null : Any(random)),
        Gang = new() { NodesMin = random.Next(1, 4), NodesMax = random.Next(4, 10), ProcessesPerNode = random.Next(1, 9), Spares = random.Next(3), Settle = Time(random) },
        Resources = new()
        {
            Accelerators = [.. Enumerable.Range(0, random.Next(3)).Select(i => new AcceleratorRequest($"T{i}-x", random.Next(1, 9)))],
            MemoryBytes = random.Chance(0.5) ? null : random.Pick<long>([1, 1000, 1024, 1025, 64_000_000_000, 1L << 40]),
        },
        Checkpoint = new()
        {
            Every = random.Next(1000), Keep = random.Next(1, 10), Directory = random.Chance(0.5) ? null : "/c k/pt",
            OnStop = random.Chance(0.5) ? OnStop.Save : OnStop.Discard, UncommittedMax = random.Next(1, 5),
        },
        Restart = new() { Max = random.Next(20), BackoffMin = TimeSpan.FromMilliseconds(random.Next(2000)), BackoffMax = TimeSpan.FromSeconds(random.Next(2, 900)), ResetAfter = Time(random) },
        Liveness = new() { StartAfter = Time(random), HangAfter = Time(random), OrphanAfter = Time(random), Isolated = random.Chance(0.5) ? OnIsolation.Stop : OnIsolation.Continue },
        Stop = new() { Signal = random.Next(1, 65), Grace = Time(random) },
        FailureGrace = Time(random),
        RuntimeMax = random.Chance(0.5) ? null : Time(random),
        WarmPythonModules = random.Chance(0.5) ? [] : ["torch", "a.b_c"],
        RendezvousStore = random.Chance(0.5) ? RendezvousStore.Durable : RendezvousStore.Memory,
        Schedule = new() { Policy = random.Pick<string>(["fifo", "las", "min-cost"]), Weight = random.Next(1, 1000) / 8.0, Priority = random.Next(-5, 5), Entity = random.Chance(0.5) ? null : "team-1" },
        RegisterAs = "model",
        PromoteTo = random.Chance(0.5) ? null : "staging",
    };

    private static string Any(SeededRandom random) =>
        random.Pick<string>(["", " ", "-x", "a b", "${x}", "$${y}", "\"q\"", "'", "\\n", "\n", "\t", "\u00e9\u2028", "\U0001F600", "null", "#no", "a: b", "$$${", "\u0001\u007f\u0085"]);

    private static TimeSpan Time(SeededRandom random) => random.Pick<TimeSpan>(
        [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1500), TimeSpan.FromSeconds(90), TimeSpan.FromHours(1), TimeSpan.FromDays(3)]);

    private static ulong Seed() =>
        ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 1;
}
