using System.Globalization;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Simulating;

namespace Muster.Scheduling.Tests.Reference;

/// <summary>Writes each round down as the reference does: start, and the GPUs of each job.</summary>
internal sealed class ScheduleRecorder : IRunObserver
{
    public List<(double Start, string Jobs)> Rounds { get; } = [];

    public void Entering(RunPhase phase)
    {
    }

    public void RoundPlaced(double nowSeconds, IReadOnlyList<ScheduledJob> live, IReadOnlyList<PlacedJob> placed) =>
        Rounds.Add((nowSeconds, string.Join(' ', placed.OrderBy(job => job.Job.Id)
            .Select(job => string.Create(CultureInfo.InvariantCulture, $"{job.Job.Id}:{string.Join(',', job.Workers.Order())}")))));

    public static List<(double Start, string Jobs)> Reference(string run) =>
        [.. ReferenceData.Json("oracle", "schedules", run + ".json").GetProperty("rounds").EnumerateArray().Select(round => (
            round[0].GetDouble(),
            string.Join(' ', round[1].EnumerateArray().OrderBy(job => job[0].GetInt32()).Select(job =>
                $"{job[0].GetInt32()}:{string.Join(',', job[1].EnumerateArray().Select(worker => worker.GetInt32()).Order())}"))))];
}
