using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Throughputs;

/// <summary>A table of our own making, so that everything works without a file. Plausible, not measured.</summary>
/// <remarks>
/// A step takes a launch time plus its work over the type's speed; families differ in how much of that speed they can use. More GPUs hand
/// the gradients round, at a cost per step. Two jobs on the same GPUs slow each other down as far as both keep it busy.
/// </remarks>
public static class BuiltInThroughputs
{
    private static readonly (string Type, double Speed, double Memory)[] s_types =
    [
        ("a100", 9.5, 40), ("h100", 16, 80), ("k80", 1, 12), ("p100", 3.4, 16), ("t4", 2.6, 16), ("v100", 5.6, 16),
    ];

    // Work of one sample on the slowest type in milliseconds; launches in milliseconds; share of a faster type's speed that it can use;
    // milliseconds to hand the gradients round; memory in GiB: fixed, and of one sample.
    private static readonly (string Family, double Work, double Launch, double Uses, double Gradients, double Memory, double MemoryEach)[] s_families =
    [
        ("ResNet-18", 0.55, 6, 0.85, 9, 1.1, 0.004), ("ResNet-50", 9.5, 14, 1.0, 22, 1.8, 0.085), ("Transformer", 1.6, 18, 0.9, 26, 1.6, 0.03),
        ("LM", 2.4, 10, 0.75, 40, 2.2, 0.06), ("Recommendation", 0.035, 9, 0.45, 12, 1.4, 0.0004), ("A3C", 40, 30, 0.25, 5, 0.6, 0.1),
        ("CycleGAN", 310, 25, 1.05, 35, 4, 2),
    ];

    private static readonly int[] s_gangs = [1, 2, 4, 8];

    /// <summary>The table, made anew.</summary>
    public static ThroughputTable Create()
    {
        var kinds = new List<JobKind>();
        for (var index = 0; index < JobTable.Models.Length; index++)
            foreach (var gpus in index < JobTable.FirstUndistributed ? s_gangs : s_gangs[..1])
                kinds.Add(new JobKind(JobTable.Models[index], gpus, [.. s_types.Select(type => StepsPerSecond(JobTable.Models[index], gpus, type.Speed, type.Memory))]));
        foreach (var a in kinds)
            foreach (var b in kinds)
                if (a.ScaleFactor == b.ScaleFactor)
                    for (var type = 0; type < s_types.Length; type++)
                        a.SetBeside(b, type, s_types.Length, Beside(a, b, type));
        return new ThroughputTable([.. s_types.Select(type => type.Type)], kinds);
    }

    private static double StepsPerSecond(string model, int gpus, double speed, double memory)
    {
        var (family, batch) = Split(model);
        if (family.Memory + family.MemoryEach * batch > memory)
            return 0;
        var step = family.Launch + family.Work * batch / Math.Pow(speed, family.Uses) + (gpus > 1 ? family.Gradients * (2 - 2.0 / gpus) : 0);
        return Math.Round(1000 / step, 4);
    }

    /// <summary>Each is busy for the part of a step that is not launching; beyond a whole GPU both wait.</summary>
    private static double Beside(JobKind a, JobKind b, int type)
    {
        var (first, _) = Split(a.Model);
        var (second, _) = Split(b.Model);
        var memory = Memory(a.Model) + Memory(b.Model);
        if (memory > s_types[type].Memory || a.Isolated[type] == 0 || b.Isolated[type] == 0)
            return 0;
        var busy = Busy(first.Launch, a.Isolated[type]) + Busy(second.Launch, b.Isolated[type]);
        return Math.Round(a.Isolated[type] / Math.Max(1, 1.05 * busy), 4);
    }

    private static double Busy(double launch, double rate) => Math.Max(0.1, 1 - launch * rate / 1000);

    private static double Memory(string model)
    {
        var (family, batch) = Split(model);
        return family.Memory + family.MemoryEach * batch;
    }

    private static ((string Family, double Work, double Launch, double Uses, double Gradients, double Memory, double MemoryEach) Family, int Batch) Split(string model)
    {
        var family = s_families.First(candidate => model == candidate.Family || model.StartsWith(candidate.Family + " ", StringComparison.Ordinal));
        var digits = new string([.. model[family.Family.Length..].Where(char.IsAsciiDigit)]);
        return (family, digits.Length == 0 ? 1 : int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture));
    }
}
