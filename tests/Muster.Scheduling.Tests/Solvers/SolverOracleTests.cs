using Muster.Primitives;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Solvers;
using Muster.Scheduling.Tests.Properties;

namespace Muster.Scheduling.Tests.Solvers;

public class SolverOracleTests(ITestOutputHelper output)
{
    private const int Programs = 500;

    [Fact]
    public void Random_programs_have_clp_s_optimum()
    {
        ClpOracle.SkipIfAbsent();

        RandomQueue.ForEachCase(Programs, random =>
        {
            var (rows, columns) = (1 + random.Next(12), 1 + random.Next(30));
            var rhs = Enumerable.Range(0, rows).Select(_ => random.Chance(0.2) ? 0 : 10 * random.NextDouble()).ToArray();
            var costs = Enumerable.Range(0, columns).Select(_ => random.NextDouble() * 4 - 1).ToArray();
            var matrix = Enumerable.Range(0, columns).Select(_ => Enumerable.Range(0, rows).Select(row =>
                row == 0 ? 0.1 + random.NextDouble() : random.Chance(0.5) ? 0 : random.NextDouble() * 2 - 0.5).ToArray()).ToArray();
            var simplex = new RevisedSimplex(rhs);
            for (var column = 0; column < columns; column++)
                simplex.Add(costs[column], [.. Enumerable.Range(0, rows)], matrix[column]);

            simplex.Solve();

            Assert.Equal(ClpOracle.Maximize(costs, matrix, rhs), simplex.Objective, 1e-7);
        });

        output.WriteLine($"count: {Programs} linear programs against Clp");
    }

    [Fact]
    public void Las_and_throughput_have_clp_s_optimum()
    {
        ClpOracle.SkipIfAbsent();

        RandomQueue.ForEachCase(Programs, random =>
        {
            var request = RandomQueue.Request(random, 12);
            request = request with { Jobs = [.. request.Jobs.Where(job => job.FitsSomewhere(request.Cluster))] };
            var rates = request.Jobs.SelectMany(job => job.Throughput).Where(rate => rate > 0).ToArray();
            if (rates.Length == 0 || rates.Max() > 1e4 * rates.Min())
                return;   // beyond what Clp's tolerances resolve; our own prices prove those
            var (n, m) = (request.Jobs.Count, request.Cluster.Types);
            var shares = new Shares();

            // Rows: GPUs of each type, time of each job, level of each job. Columns: job × type, then the height.
            double[] rhs = [.. request.Cluster.Pools.Select(pool => (double)pool.Gpus), .. Enumerable.Repeat(1.0, n), .. new double[n]];
            var columns = new List<double[]>();
            for (var job = 0; job < n; job++)
                for (var type = 0; type < m; type++)
                {
                    var column = new double[m + 2 * n];
                    var fits = request.Jobs[job].Gpus <= request.Cluster.Pools[type].Gpus;
                    (column[type], column[m + job]) = (request.Jobs[job].Gpus, 1);
                    column[m + n + job] = fits ? -LasAware.NormalizedRate(request, request.Jobs[job], type) : 0;
                    columns.Add(column);
                }

            columns.Add([.. new double[m + n], .. Enumerable.Repeat(1.0, n)]);
            var height = ClpOracle.Maximize([.. new double[n * m], 1], [.. columns], rhs);
            shares.Reset(n, m);
            var las = new LasAware();
            las.Allocate(request, shares);
            Assert.Equal(1, las.Objective / height, 1e-6);

            var worth = request.Jobs.SelectMany(job => Enumerable.Range(0, m).Select(type => job.Gpus <= request.Cluster.Pools[type].Gpus ? job.Throughput[type] : 0)).ToArray();
            var total = ClpOracle.Maximize(worth, [.. columns.Take(n * m).Select(column => column[..(m + n)])], rhs[..(m + n)]);
            shares.Reset(n, m);
            var throughput = new MaxThroughput();
            throughput.Allocate(request, shares);
            Assert.Equal(1, throughput.Objective / total, 1e-6);
        });

        output.WriteLine($"count: {Programs} queues against Clp");
    }

    [Fact]
    public void Transportation_is_as_cheap_as_trying_everything()
    {
        RandomQueue.ForEachCase(2_000, random =>
        {
            var (items, slots) = (1 + random.Next(6), 1 + random.Next(3));
            var room = Enumerable.Range(0, slots).Select(_ => 1 + random.Next(4)).ToArray();
            room[0] = Math.Max(room[0], items - room.Skip(1).Sum());
            var costs = Enumerable.Range(0, items * slots).Select(_ => (double)random.Next(20)).ToArray();

            var found = Transportation.Assign(items, room, (item, slot) => costs[item * slots + slot], _ => 1);

            Assert.Equal(Cheapest(0, [.. room]), found.Select((slot, item) => costs[item * slots + slot]).Sum());

            double Cheapest(int item, int[] left)
            {
                if (item == items)
                    return 0;
                var best = double.PositiveInfinity;
                for (var slot = 0; slot < slots; slot++)
                    if (left[slot] > 0)
                    {
                        left[slot]--;
                        best = Math.Min(best, costs[item * slots + slot] + Cheapest(item + 1, left));
                        left[slot]++;
                    }

                return best;
            }
        });
    }
}
