using System.Collections.Immutable;
using System.Globalization;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Codecs.JobFile;

/// <summary>One key of a job file: how it is read into a specification, and how it is written.</summary>
/// <param name="Key">Section and name, such as <c>checkpoint.every</c>.</param>
/// <param name="Read">Puts the value into the specification; keeps it where the value is wrong.</param>
/// <param name="Write">The value as YAML; null: the key is left out.</param>
internal sealed record JobFileField(
    string Key, Func<FieldReader, JobSpecification, JobSpecification> Read, Func<JobSpecification, string?> Write);

/// <summary>Every key of a job file, in the order it is written. The reference for people is docs/job-file.md.</summary>
internal static class JobFileFields
{
    private static readonly TimeSpan s_millisecond = TimeSpan.FromMilliseconds(1);

    private static readonly string[] s_policies =
    [
        "fifo", "las", "max-min-fairness", "finish-time-fairness", "shortest-job-first", "min-makespan", "min-cost", "hierarchical",
    ];

    public static ImmutableArray<JobFileField> All { get; } =
    [
        new("name", ReadName, job => YamlText.String(job.Name.Name)),
        new("run", RunFields.ReadRun, job => YamlText.List(job.Run.Select(Parameters.Escape))),
        new("workdir", RunFields.ReadWorkdir, job => YamlText.String(Parameters.Escape(job.WorkingDirectory))),
        new("env", RunFields.ReadEnvironment, job => RunFields.WriteEnvironment(job.Environment)),
        new("gang.nodes",
            (v, job) => v.Range(1, JobFileLimits.GangNodesMax) is var (low, high) ? job with { Gang = job.Gang with { NodesMin = low, NodesMax = high } } : job,
            job => job.Gang.NodesMin == job.Gang.NodesMax ? $"{job.Gang.NodesMin}" : $"{job.Gang.NodesMin}..{job.Gang.NodesMax}"),
        new("gang.procsPerNode",
            (v, job) => v.Whole(1, JobFileLimits.ProcessesMax) is { } n ? job with { Gang = job.Gang with { ProcessesPerNode = (int)n } } : job,
            job => $"{job.Gang.ProcessesPerNode}"),
        new("gang.spares",
            (v, job) => v.Whole(0, JobFileLimits.GangNodesMax) is { } n ? job with { Gang = job.Gang with { Spares = (int)n } } : job,
            job => $"{job.Gang.Spares}"),
        new("gang.settle",
            (v, job) => v.Duration(TimeSpan.Zero) is { } t ? job with { Gang = job.Gang with { Settle = t } } : job,
            job => Quantities.Write(job.Gang.Settle)),
        new("resources.accelerators",
            (v, job) => job with { Resources = job.Resources with { Accelerators = v.IsNull ? [] : v.Accelerators() } },
            job => YamlText.Plain(job.Resources.Accelerators.Select(one => $"{one.Type}:{one.Count}"))),
        new("resources.memory",
            (v, job) => v.IsNull ? job with { Resources = job.Resources with { MemoryBytes = null } } : Size(v) is { } n ? job with { Resources = job.Resources with { MemoryBytes = n } } : job,
            job => job.Resources.MemoryBytes is { } bytes ? Quantities.WriteSize(bytes) : "null"),
        new("checkpoint.every",
            (v, job) => v.Whole(0, JobFileLimits.StepsMax, " steps") is { } n ? job with { Checkpoint = job.Checkpoint with { Every = n } } : job,
            job => $"{job.Checkpoint.Every}"),
        new("checkpoint.keep",
            (v, job) => v.Whole(1, JobFileLimits.KeepMax) is { } n ? job with { Checkpoint = job.Checkpoint with { Keep = (int)n } } : job,
            job => $"{job.Checkpoint.Keep}"),
        new("checkpoint.to", RunFields.ReadCheckpointDirectory,
            job => job.Checkpoint.Directory is { } path ? YamlText.String("file://" + path) : "null"),
        new("checkpoint.onStop",
            (v, job) => v.Word(("save", OnStop.Save), ("discard", OnStop.Discard)) is { } w ? job with { Checkpoint = job.Checkpoint with { OnStop = w } } : job,
            job => job.Checkpoint.OnStop == OnStop.Save ? "save" : "discard"),
        new("checkpoint.uncommitted",
            (v, job) => v.Whole(1, JobFileLimits.UncommittedMax) is { } n ? job with { Checkpoint = job.Checkpoint with { UncommittedMax = (int)n } } : job,
            job => $"{job.Checkpoint.UncommittedMax}"),
        new("restart.max",
            (v, job) => v.Whole(0, JobFileLimits.RestartsMax) is { } n ? job with { Restart = job.Restart with { Max = (int)n } } : job,
            job => $"{job.Restart.Max}"),
        new("restart.backoff",
            (v, job) => v.Durations() is var (low, high) ? job with { Restart = job.Restart with { BackoffMin = low, BackoffMax = high } } : job,
            job => $"{Quantities.Write(job.Restart.BackoffMin)}..{Quantities.Write(job.Restart.BackoffMax)}"),
        new("restart.resetAfter",
            (v, job) => v.Duration(s_millisecond) is { } t ? job with { Restart = job.Restart with { ResetAfter = t } } : job,
            job => Quantities.Write(job.Restart.ResetAfter)),
        new("liveness.startAfter",
            (v, job) => v.Duration(s_millisecond) is { } t ? job with { Liveness = job.Liveness with { StartAfter = t } } : job,
            job => Quantities.Write(job.Liveness.StartAfter)),
        new("liveness.hangAfter",
            (v, job) => v.Duration(s_millisecond) is { } t ? job with { Liveness = job.Liveness with { HangAfter = t } } : job,
            job => Quantities.Write(job.Liveness.HangAfter)),
        new("liveness.isolated", ReadIsolated,
            job => job.Liveness.Isolated == OnIsolation.Continue ? "continue" : $"stop after {Quantities.Write(job.Liveness.IsolatedAfter)}"),
        new("liveness.orphanAfter",
            (v, job) => v.Duration(s_millisecond) is { } t ? job with { Liveness = job.Liveness with { OrphanAfter = t } } : job,
            job => Quantities.Write(job.Liveness.OrphanAfter)),
        new("stop.signal", ReadSignal, job => Quantities.WriteSignal(job.Stop.Signal)),
        new("stop.grace",
            (v, job) => v.Duration(TimeSpan.Zero) is { } t ? job with { Stop = job.Stop with { Grace = t } } : job,
            job => Quantities.Write(job.Stop.Grace)),
        new("failure.grace",
            (v, job) => v.Duration(TimeSpan.Zero) is { } t ? job with { FailureGrace = t } : job,
            job => Quantities.Write(job.FailureGrace)),
        new("maxRuntime",
            (v, job) => v.IsNull ? job with { RuntimeMax = null } : v.Duration(s_millisecond) is { } t ? job with { RuntimeMax = t } : job,
            job => job.RuntimeMax is { } longest ? Quantities.Write(longest) : "null"),
        new("rendezvous.store",
            (v, job) => v.Word(("durable", RendezvousStore.Durable), ("memory", RendezvousStore.Memory)) is { } w ? job with { RendezvousStore = w } : job,
            job => job.RendezvousStore == RendezvousStore.Durable ? "durable" : "memory"),
        new("warm.python", ReadWarm, job => YamlText.List(job.WarmPythonModules)),
        new("schedule.policy", ReadPolicy, job => job.Schedule.Policy),
        new("schedule.weight",
            (v, job) => v.Real(0.001, JobFileLimits.WeightMax) is { } n ? job with { Schedule = job.Schedule with { Weight = n } } : job,
            job => job.Schedule.Weight.ToString("R", CultureInfo.InvariantCulture)),
        new("schedule.priority",
            (v, job) => v.Whole(-JobFileLimits.PriorityMax, JobFileLimits.PriorityMax) is { } n ? job with { Schedule = job.Schedule with { Priority = (int)n } } : job,
            job => $"{job.Schedule.Priority}"),
        new("schedule.entity",
            (v, job) => job with { Schedule = job.Schedule with { Entity = v.IsNull ? null : Name(v) } },
            job => job.Schedule.Entity is { } entity ? YamlText.String(entity) : "null"),
        new("onSuccess.register",
            (v, job) => job with { RegisterAs = v.IsNull ? null : Name(v) },
            job => job.RegisterAs is { } model ? YamlText.String(model) : "null"),
        new("onSuccess.promote",
            (v, job) => job with { PromoteTo = v.IsNull ? null : Name(v) },
            job => job.PromoteTo is { } alias ? YamlText.String(alias) : "null"),
    ];

    private static JobSpecification ReadName(FieldReader value, JobSpecification job)
    {
        if (value.Text() is not { } name)
            return job;
        if (JobId.IsValid(name))
            return job with { Name = new(name) };
        value.Error($"is {Quoted.Short(name)}, and must be 1 to {JobId.LengthMax} of a-z, 0-9 and '-', beginning and ending with a letter or digit");
        return job;
    }

    private static JobSpecification ReadIsolated(FieldReader value, JobSpecification job)
    {
        const string After = "stop after ";
        if (value.Text() is not { } text)
            return job;
        if (text == "continue")
            return job with { Liveness = job.Liveness with { Isolated = OnIsolation.Continue } };
        if (!text.StartsWith(After, StringComparison.Ordinal))
            value.Error($"is {Quoted.Short(text)}, and must be \"continue\" or \"stop after 5m\"");
        else if (value.Duration(s_millisecond, text[After.Length..]) is { } after)
            return job with { Liveness = job.Liveness with { Isolated = OnIsolation.Stop, IsolatedAfter = after } };
        return job;
    }

    private static JobSpecification ReadSignal(FieldReader value, JobSpecification job)
    {
        if (value.Text() is not { } text)
            return job;
        if (Quantities.TrySignal(text, out var signal))
            return job with { Stop = job.Stop with { Signal = signal } };
        value.Error($"is {Quoted.Short(text)}, and must be a signal such as SIGTERM, SIGINT or SIGUSR1, or its number from 1 to 64");
        return job;
    }

    private static JobSpecification ReadWarm(FieldReader value, JobSpecification job)
    {
        var modules = value.IsNull ? [] : value.Items().Select(item => (Item: item, Name: value.Text(item))).Where(item => item.Name is not null).ToList();
        foreach (var (item, name) in modules)
        {
            if (!name!.Split('.').All(Parameters.IsName))
                value.Error($"has {Quoted.Short(name)}, which is not a module's name", item);
        }

        return job with { WarmPythonModules = [.. modules.Select(item => item.Name!)] };
    }

    private static JobSpecification ReadPolicy(FieldReader value, JobSpecification job)
    {
        if (value.Text() is not { } text)
            return job;
        if (s_policies.Contains(text))
            return job with { Schedule = job.Schedule with { Policy = text } };
        value.Error($"is {Quoted.Short(text)}, and must be one of {string.Join(", ", s_policies)}{Nearest.Hint(text, s_policies)}");
        return job;
    }

    private static long? Size(FieldReader value)
    {
        if (value.Text() is not { } text)
            return null;
        if (Quantities.TrySize(text, out var bytes) && bytes is >= 1 and <= JobFileLimits.MemoryMax)
            return bytes;
        value.Error($"is {Quoted.Short(text)}, and must be a size such as 512MiB or 64GB, up to {Quantities.WriteSize(JobFileLimits.MemoryMax)}");
        return null;
    }

    private static string? Name(FieldReader value)
    {
        if (value.Text() is not { } text)
            return null;
        if (JobId.IsValid(text))
            return text;
        value.Error($"is {Quoted.Short(text)}, and must be 1 to {JobId.LengthMax} of a-z, 0-9 and '-', beginning and ending with a letter or digit");
        return null;
    }
}
