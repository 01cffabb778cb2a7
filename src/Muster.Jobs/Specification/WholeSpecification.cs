using System.Collections.Immutable;
using System.Text.Json;

namespace Muster.Jobs.Specification;

/// <summary>Fills in what a neighbouring version, or somebody by hand, left out of a specification.</summary>
public static class WholeSpecification
{
    /// <summary>The same, with nothing missing: an absent list is an empty one, an absent section the default one.</summary>
    /// <exception cref="JsonException">A list has a null in it, or a number cannot be written again.</exception>
    public static JobSpecification Of(JobSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        var blank = new JobSpecification { Name = specification.Name, Run = specification.Run, WorkingDirectory = specification.WorkingDirectory };
        var accelerators = List(specification.Resources?.Accelerators ?? default);
        if (accelerators.Any(accelerator => accelerator.Type is null))
            throw new JsonException("an accelerator has no type");
        return specification with
        {
            Run = List(specification.Run),
            Environment = Map(specification.Environment),
            Gang = specification.Gang ?? blank.Gang,
            Resources = (specification.Resources ?? blank.Resources) with { Accelerators = accelerators },
            Checkpoint = specification.Checkpoint ?? blank.Checkpoint,
            Restart = specification.Restart ?? blank.Restart,
            Liveness = specification.Liveness ?? blank.Liveness,
            Stop = specification.Stop ?? blank.Stop,
            Schedule = Of(specification.Schedule ?? blank.Schedule, blank.Schedule),
            WarmPythonModules = List(specification.WarmPythonModules),
        };
    }

    /// <summary>A list that is there; an absent one is empty.</summary>
    /// <exception cref="JsonException">It has a null in it.</exception>
    public static ImmutableArray<T> List<T>(ImmutableArray<T> list) => list.IsDefault ? []
        : default(T) is null && list.Contains(default!) ? throw new JsonException($"a list of {typeof(T).Name} has a null in it") : list;

    /// <summary>A map that is there, ordered by its names' code units; an absent one is empty.</summary>
    public static ImmutableSortedDictionary<string, T> Map<T>(ImmutableSortedDictionary<string, T>? map) =>
        (map ?? ImmutableSortedDictionary<string, T>.Empty).WithComparers(StringComparer.Ordinal);

    private static ScheduleSpecification Of(ScheduleSpecification schedule, ScheduleSpecification blank) =>
        double.IsFinite(schedule.Weight)
            ? schedule with { Policy = schedule.Policy ?? blank.Policy }
            : throw new JsonException($"a weight of {schedule.Weight} is no number that can be written again");
}
