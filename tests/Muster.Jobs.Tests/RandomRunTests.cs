using Muster.Jobs.Coordinator;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;
using Muster.Jobs.Requests;
using Muster.Jobs.Specification;
using Muster.Jobs.Tests.Invariants;
using Muster.Jobs.Tests.World;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Tests;

/// <summary>Random lives of jobs: ranks that step, save, fail and hang, hosts that vanish, people who ask, coordinators killed
/// between any two effects. The invariants hold after every effect, and when everything heals the jobs come to an end.</summary>
public sealed class RandomRunTests(ITestOutputHelper output)
{
    private const int Runs = 120;
    private const int StepsEach = 60;

    [Fact]
    public void Whatever_happens_the_invariants_hold_and_healed_jobs_end()
    {
        var (effects, crashes, ends) = (new SortedDictionary<string, int>(StringComparer.Ordinal), 0, new SortedDictionary<string, int>(StringComparer.Ordinal));
        for (var i = 0UL; i < Runs; i++)
        {
            var run = new Run(new(Seeds.Base + i), effects);
            try
            {
                for (var step = 0; step < StepsEach; step++)
                    run.Act();
                run.HealAndFinish();
            }
            catch (Exception wrong)
            {
                throw new InvalidOperationException($"MUSTER_SEED={Seeds.Base + i}: {wrong.Message}\n{string.Join('\n', run.Story.TakeLast(40))}", wrong);
            }

            crashes += run.Crashes;
            foreach (var phase in run.Phases())
                ends[phase] = ends.GetValueOrDefault(phase) + 1;
        }

        output.WriteLine($"count: {Runs} runs × {StepsEach} from seed {Seeds.Base}; {crashes} coordinators killed");
        output.WriteLine("distribution: effects: " + string.Join(", ", effects.Select(entry => $"{entry.Key} {entry.Value}")));
        output.WriteLine("distribution: ends: " + string.Join(", ", ends.Select(entry => $"{entry.Key} {entry.Value}")));
    }

    private sealed class Run
    {
        private static readonly JobId[] s_jobs = [new("one"), new("two")];
        private readonly SeededRandom _random;
        private readonly JobWorld _world = new();
        private readonly JobInvariants _jobs = new();
        private readonly CheckpointInvariants _checkpoints = new();

        public Run(SeededRandom random, SortedDictionary<string, int> effects)
        {
            _random = random;
            _world.Performed = effect =>
            {
                effects[effect.GetType().Name] = effects.GetValueOrDefault(effect.GetType().Name) + 1;
                Check();
            };
            _world.TakeOffice();
            foreach (var name in (string[])["a", "b", "c"])
                _world.AddNode(new(new(name), ["H100", "H100"]));
            foreach (var job in s_jobs)
                Submit(job);
        }

        public int Crashes { get; private set; }

        public List<string> Story { get; } = [];

        public IEnumerable<string> Phases() => s_jobs.Select(job => _world.Job(job)!.Status!.Value.Phase.ToString());

        public void Act()
        {
            for (var left = _random.Next(0, 12); left > 0 && _world.HasEffects; left--)
                _world.PerformNext();
            var job = _random.Pick(s_jobs);
            var node = _random.Pick(_world.Nodes.Values.ToList());
            switch (_random.Next(20))
            {
                case 0:
                    Tell("kill coordinator");
                    _world.Crash();
                    Crashes++;
                    break;
                case 1 or 2:
                    if (_world.Core is null || _random.Chance(0.2))
                        _world.TakeOffice();
                    ReportAll();
                    break;
                case 3:
                    Tell($"{node.Node} {(node.HasLease ? "loses" : "gains")} its lease");
                    _world.Lease(node, !node.HasLease);
                    break;
                case 4:
                    node.IsConnected = !node.IsConnected;
                    break;
                case 5:
                    _world.IsDiskFull = !_world.IsDiskFull;
                    break;
                case 6:
                    Ask(job);
                    break;
                case 7:
                    node.RestartAgent();
                    break;
                case 8 or 9:
                    _world.Advance(TimeSpan.FromSeconds(_random.Next(1, 30)));
                    break;
                default:
                    ActOnRank(node);
                    break;
            }

            _world.Report(node);
            if (_random.Chance(0.5))
                _world.Drain();
            Check();
        }

        public void HealAndFinish()
        {
            _world.IsDiskFull = false;
            _world.TakeOffice();
            foreach (var node in _world.Nodes.Values)
            {
                node.IsConnected = true;
                if (!node.HasLease)
                    _world.Lease(node, true);
            }

            foreach (var job in s_jobs)
                _world.Request(JobRequests.Resume(_world.Job(job)));
            for (var round = 0; round < 60 && !s_jobs.All(IsOver); round++)
            {
                ReportAll();
                _world.Drain();
                _world.Advance(TimeSpan.FromSeconds(10));
                foreach (var node in _world.Nodes.Values)
                    foreach (var (job, facts) in node.Jobs.ToList())
                        foreach (var rank in facts.Ranks.Where(rank => rank.Exit is null && facts.Phase == NodePhase.Running))
                            node.Exit(job, rank.Rank.Number, 0, 0, asked: false);
            }

            Assert.True(s_jobs.All(IsOver), $"healed, and not at an end: {string.Join(", ", s_jobs.Select(job => _world.Job(job)!.Status!.Value))}");
        }

        private bool IsOver(JobId job) => JobPhases.IsFinished(_world.Job(job)!.Status!.Value.Phase);

        private void Submit(JobId job)
        {
            var low = _random.Next(1, 3);
            _world.Request(SubmitRequest.Plan(_world.Job(job), new()
            {
                Name = job, Run = ["x"], WorkingDirectory = "/",
                Gang = new() { NodesMin = low, NodesMax = low + _random.Next(0, 2), ProcessesPerNode = _random.Next(1, 3), Settle = TimeSpan.FromSeconds(5) },
                Resources = _random.Chance(0.5) ? new() : new() { Accelerators = [new("H100", _random.Next(1, 3))] },
                Checkpoint = new() { Keep = _random.Next(1, 3) },
                Restart = new() { Max = _random.Next(0, 6) },
                Liveness = new() { HangAfter = TimeSpan.FromSeconds(60), StartAfter = TimeSpan.FromSeconds(90) },
            }, new() { Again = true }));
        }

        private void Ask(JobId job)
        {
            var state = _world.Job(job);
            var plan = _random.Next(6) switch
            {
                0 => JobRequests.Stop(state, _random.Chance(0.5) ? null : _random.Chance(0.5)),
                1 or 2 => JobRequests.Resume(state),
                3 => JobRequests.Checkpoint(state),
                4 when state!.Checkpoints.Length > 0 => CheckpointRequests.Remove(state, _random.Pick(state.Checkpoints).Value.Checkpoint.Step, null, force: false),
                4 => JobRequests.Resume(state),
                _ => _random.Chance(0.1) ? JobRequests.Cancel(state) : JobRequests.Resume(state),
            };
            Tell($"{job} {(plan as RequestPlan.Apply)?.Text}");
            _world.Request(plan);
        }

        private void ActOnRank(FakeNode node)
        {
            if (node.Jobs.Count == 0)
                return;
            var (job, facts) = _random.Pick(node.Jobs.ToList());
            var live = facts.Ranks.Where(rank => rank.Exit is null).ToList();
            if (live.Count == 0 || facts.Phase != NodePhase.Running)
                return;
            var rank = _random.Pick(live);
            var all = _random.Next(10);
            Tell($"{node.Node} {job} g{facts.Generation} rank {rank.Rank} does {all}");
            switch (all)
            {
                case 0: node.Exit(job, rank.Rank.Number, 1, 0, asked: false); break;
                case 1: node.ChangeRank(job, rank.Rank.Number, known => known with { RestoreTrouble = new(_random.Chance(0.5), "bad") }); break;
                case 2: node.Change(job, known => known with { KeeperLost = true, Phase = NodePhase.Ended }); break;
                default: StepAll(job); break;
            }
        }

        /// <summary>The ranks of a job step together and save, some of them perhaps not in time.</summary>
        private void StepAll(JobId job)
        {
            foreach (var node in _world.Nodes.Values.Where(node => node.Jobs.ContainsKey(job)))
            {
                var facts = node.Jobs[job];
                if (facts.Phase != NodePhase.Running)
                    continue;
                foreach (var rank in facts.Ranks.Where(rank => rank.Exit is null))
                {
                    var step = new TrainingStep((rank.Step?.Number ?? 0) + 10);
                    node.ChangeRank(job, rank.Rank.Number, known => known with { Phase = RankPhase.Stepping, Step = step, SinceProgress = TimeSpan.Zero, SteppedAfterRestore = true });
                    if (_random.Chance(0.9))
                        Shard(node, job, rank.Rank, step);
                }

                _world.Report(node);
            }
        }

        private void Shard(FakeNode node, JobId job, Rank rank, TrainingStep step)
        {
            _world.Files.TryAdd($"/ckpt/{job}/{step}.{node.Jobs[job].Generation}", null);
            node.Change(job, facts => facts with { Shards = facts.Shards.Add(new(step, rank, [new("s", 1, new string('0', 32))])) });
        }

        private void ReportAll()
        {
            foreach (var node in _world.Nodes.Values)
                _world.Report(node);
        }

        private void Tell(string what) => Story.Add(what);

        private void Check()
        {
            var listing = _world.Listing;
            _jobs.Check(listing, _world.Nodes.Values.Select(node => node.Snapshot()));
            _checkpoints.Check(listing, _world.Files);
        }
    }
}
