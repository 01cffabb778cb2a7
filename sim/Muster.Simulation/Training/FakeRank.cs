using System.Collections.Immutable;
using System.Globalization;
using Muster.Jobs.Keepers;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Cluster;
using Muster.Simulation.Kernel;
using Muster.Worker.Steps;
using NodeRequest = Muster.Jobs.Nodes.CheckpointRequest;
using NodeRequestState = Muster.Jobs.Nodes.CheckpointRequestState;

namespace Muster.Simulation.Training;

/// <summary>A training program: the real worker's rules of the loop over a training whose result is known beforehand.</summary>
internal sealed class FakeRank
{
    private const int SignalTerminate = 15;
    private const int LostKeeper = 4;

    private readonly ClusterRun _run;
    private readonly SimulatedProcess _process;
    private readonly IVolume _files;
    private readonly JobId _job;
    private readonly Generation _generation;
    private readonly int _rank;
    private readonly int _worldSize;
    private readonly RankHabits _habits;
    private readonly TrainingState _training;
    private WorkerLine _line = null!;
    private StepGate _gate = null!;
    private FakeCollective _collective = null!;
    private TaskCompletionSource _changed = new();
    private ulong _state;
    private long _stepsOfThisLife;

    private FakeRank(ClusterRun run, SimulatedProcess process)
    {
        (_run, _process) = (run, process);
        var environment = process.Start.Environment;
        _job = new JobId(environment["MUSTER_JOB"]);
        _generation = new Generation(long.Parse(environment["MUSTER_GENERATION"], CultureInfo.InvariantCulture));
        _rank = int.Parse(environment["RANK"], CultureInfo.InvariantCulture);
        _worldSize = int.Parse(environment["WORLD_SIZE"], CultureInfo.InvariantCulture);
        _habits = run.Faults.HabitsOf(process);
        _training = run.Training;
        _files = run.Host.Files(process);
    }

    /// <summary>The program's entry point.</summary>
    public static async Task<int> MainAsync(ClusterRun run, SimulatedProcess process)
    {
        var rank = new FakeRank(run, process);
        run.Invariants.RankStarted(rank._job, rank._generation, rank._rank, process);
        try
        {
            return await rank.RunAsync();
        }
        catch (PeerLostException)
        {
            return 1;
        }
    }

    private async Task<int> RunAsync()
    {
        if (_habits.IgnoresTerminate)
            _process.OnSignal(SignalTerminate, () => _run.Faults.Reach("rank ignores SIGTERM"));
        if (_run.Host.Sockets.Connect(_process, _process.Start.Environment["MUSTER_SOCKET"]) is not { } line)
            return LostKeeper;
        _line = line;
        await SleepAsync(_process.Chance.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(300)));
        if (_habits.NeverJoins)
            return await HangAsync("rank never joins");
        if (await _line.AskAsync(new WorkerRequest.Join("fake")) is not WorkerAnswer.Run(var description))
            return LostKeeper;
        var start = description.Restore?.Step.Number ?? 0;
        if (!await RestoreAsync(description))
            return 2;
        _gate = new StepGate(description.CheckpointEvery, start);
        _gate.Begin(_run.Plan.Steps);
        _collective = _run.Collective(_job, _generation, _worldSize);
        _run.Invariants.Joined(_collective.Join(_process, _rank, start));
        Wished(_line.LastWish);
        _line.OnWish = Wished;
        if (description.Restore is not null)
            _line.Report(new WorkerReport.Restored(new(start)));
        _line.Report(new WorkerReport.Total(_run.Plan.Steps));
        return await TrainAsync();
    }

    private async Task<bool> RestoreAsync(RunDescription description)
    {
        if (description.Restore is not { } restore)
        {
            _state = _training.After(0);
            return true;
        }

        if (_habits.FailsToLoad)
        {
            _run.Faults.Reach("rank fails to load");
            _line.Report(new WorkerReport.RestoreFailed(restore.Step, "unexpected key in state"));
            await SleepAsync(TimeSpan.FromMilliseconds(1));
            return false;
        }

        var bytes = await Muster.Disk.DurableFile.ReadAsync(_files, $"{restore.Directory!.Trim('/')}/weights", 1 << 20);
        if (!_run.Invariants.Restored(restore.Step, _generation, _rank, bytes, WriterOf(restore.Directory)))
            return false;
        _state = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16));
        return true;
    }

    /// <summary>The generation that wrote a shard: …/step.generation/rank-r.</summary>
    private static long WriterOf(string directory) =>
        long.Parse(directory.Split('/')[^2].Split('.')[1], CultureInfo.InvariantCulture);

    private async Task<int> TrainAsync()
    {
        while (true)
        {
            var turn = await TurnAsync(_gate.AtEnd);
            if (turn == Turn.End)
                return 0;
            if (_habits.EndsAfter == _stepsOfThisLife++ && await MisbehaveAsync() is { } code)
                return code;
            var step = _gate.Done;
            await SleepAsync(_run.Plan.StepTime * _habits.Slowness);
            var data = _training.Contribution(_rank, step, _state);
            if (_run.Plant == PlantedFaults.WrongSum && _generation.Number > 1)
                data++;
            var sum = await _collective.SumAsync(_process, _rank, step, data);
            _state = TrainingState.Next(_state, sum);
            var metrics = ImmutableSortedDictionary<string, double>.Empty.Add("loss", 1.0 / (step + 1));
            _line.Report(new WorkerReport.Stepped(new(step + 1), metrics));
            _gate.Reach(step + 1);
            if (await TurnAsync(_gate.AtSave) == Turn.Save)
                await SaveAsync(step + 1);
        }
    }

    private async Task<Turn> TurnAsync(Func<Turn> ask)
    {
        while (true)
        {
            var turn = ask();
            if (turn != Turn.Wait)
                return turn;
            _changed = new TaskCompletionSource();
            await _changed.Task;
        }
    }

    private async Task SaveAsync(long step)
    {
        switch (await _line.AskAsync(new WorkerRequest.BeginCheckpoint(new(step), _habits.Background)))
        {
            case WorkerAnswer.Directory(var path):
                await WriteAsync(step, path);
                break;
            case WorkerAnswer.Refusal(var status, var error):
                _run.Invariants.SaveRefused(status, error);
                SaveFailed(step, error);
                break;
            default:
                throw new PeerLostException();
        }
    }

    private async Task WriteAsync(long step, string path)
    {
        _run.Invariants.DirectoryGiven(_job, _generation, step, _rank, path, await _files.ListAsync(path.Trim('/')));
        if (_habits.FailsToSave)
        {
            _run.Faults.Reach("rank fails to save");
            await _line.AskAsync(new WorkerRequest.AbandonCheckpoint(new(step)));
            SaveFailed(step, "cannot pickle");
            return;
        }

        await WriteFileAsync($"{path.Trim('/')}/weights", TrainingState.Shard(step, _rank, _state));
        if (_run.Plan.HasSubdirectory)
        {
            await _files.CreateDirectoryAsync($"{path.Trim('/')}/optimizer");
            await WriteFileAsync($"{path.Trim('/')}/optimizer/part", TrainingState.Shard(step, _rank + 1000, _state));
        }

        if (_habits.DiesInSave)
        {
            _run.Faults.Reach("rank dies in save");
            _process.Kill();
        }

        var answer = await _line.AskAsync(new WorkerRequest.FinishCheckpoint(new(step)), sent => Acknowledged(step, sent));
        if (answer is WorkerAnswer.Refusal(_, var error))
            SaveFailed(step, error);
        if (!_habits.SavesTwice)
            return;
        _run.Faults.Reach("rank saves twice");
        _run.Invariants.SecondWrite(await _line.AskAsync(new WorkerRequest.BeginCheckpoint(new(step), _habits.Background)));
    }

    /// <summary>The law holds when the answer is sent: before a rank hears it, the checkpoint may be committed, damaged, even deleted.</summary>
    private void Acknowledged(long step, WorkerAnswer sent)
    {
        if (sent is WorkerAnswer.Durable(var files))
            _run.Invariants.Acknowledged(_job, _generation, step, _rank, files);
    }

    private void SaveFailed(long step, string error)
    {
        _run.Faults.LostSaves++;
        _line.Report(new WorkerReport.SaveFailed(new(step), error));
    }

    private async Task WriteFileAsync(string path, byte[] bytes)
    {
        using var file = await _files.OpenAsync(path, VolumeOpen.CreateNew);
        var half = bytes.Length / 2;
        await file.WriteAsync(0, bytes.AsMemory(0, half));
        await file.WriteAsync(half, bytes.AsMemory(half));
    }

    private async Task<int?> MisbehaveAsync()
    {
        if (_habits.Hangs)
            return await HangAsync("rank hangs");
        if (_habits is { Signal: 0, ExitCode: 0 } && _rank == 0)
            return null;   // when all leave early the job has ended well, and that is another story
        _run.Faults.Reach(_habits switch { { Signal: > 0 } => "rank crashes", { ExitCode: > 0 } => "rank fails", _ => "rank leaves early" });
        if (_habits.Signal > 0)
            _process.End(new ExitStatus(0, _habits.Signal));
        return _habits.ExitCode;
    }

    private async Task<int> HangAsync(string reached)
    {
        _run.Faults.Reach(reached);
        await new TaskCompletionSource().Task;
        return 0;
    }

    private void Wished(WorkerWish? wish)
    {
        if (wish is null)
            return;
        switch (_gate.OnWish(wish.Request is { } asked ? Translated(asked) : null))
        {
            case Answer.Promise(var id, var done):
                _line.Report(new WorkerReport.Promised(id, new(done)));
                break;
            case Answer.Refuse(var id, var done):
                _line.Report(new WorkerReport.Refused(id, new(done)));
                break;
        }

        _changed.TrySetResult();
    }

    private static CheckpointRequest Translated(NodeRequest asked) => new(asked.Id, asked.Step.Number, asked.Ends, asked.State switch
    {
        NodeRequestState.Proposed => RequestState.Proposed,
        NodeRequestState.Confirmed => RequestState.Confirmed,
        _ => RequestState.Cancelled,
    });

    private Task SleepAsync(TimeSpan duration) => Task.Delay(duration, _process.Time);
}
