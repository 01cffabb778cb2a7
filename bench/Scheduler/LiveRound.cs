using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Bench.Scheduler;

/// <summary>One whole decision for a large live queue: shares, selection and placement of 10,000 jobs on 1,213 hosts.</summary>
internal static class LiveRound
{
    private const int Jobs = 10_000;

    public static void Measure(int rounds, Action<string, IReadOnlyList<double>> write)
    {
        var table = BuiltInThroughputs.Create();
        // 1,213 hosts: as many as the public trace of one production cluster has, of this table's types.
        var cluster = new ClusterShape([
            new("a100", 69 * 8, 8), new("h100", 39 * 8, 8), new("p100", 134 * 2, 2), new("t4", 404 * 2, 2), new("v100", 498 * 8, 8), new("k80", 69 * 4, 4)]);
        var columns = table.For(cluster);
        var mechanism = new RoundMechanism(cluster, new LasAware(), Muster.Scheduling.Simulating.Simulator.WalkOrder(columns), 5, new MechanismOptions(ResetSecondsMin: 0));
        var workload = new TraceGenerator(new TraceOptions(3, 1, true), table);
        for (var i = 0; i < Jobs; i++)
            Add();
        var now = 0.0;
        var seconds = new List<double>();
        for (var i = 0; i < rounds + 20; i++)
        {
            Add();
            seconds.Add(Clock.Wall(() =>
            {
                mechanism.Reallocate(now);
                mechanism.NextRound();
            }));
            foreach (var unit in mechanism.Placed)
                mechanism.Credit(unit, unit.Type, 360);
            mechanism.Remove(mechanism.Jobs[0]);
            now += 360;
        }

        write("live round, 10,000 jobs on 1,213 hosts", seconds[20..]);

        void Add()
        {
            var job = workload.Next();
            mechanism.Add(new ScheduledJob(job, columns.Require(job.Model, job.ScaleFactor)));
        }
    }
}
