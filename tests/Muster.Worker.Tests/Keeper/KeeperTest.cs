namespace Muster.Worker.Tests.Keeper;

/// <summary>A test with a keeper of its own. The socket is found through the environment, so these tests run one at a time.</summary>
[Collection("environment")]
public abstract class KeeperTest : IDisposable
{
    private readonly List<IDisposable> _runs = [];
    private readonly List<Thread> _threads = [];

    internal FakeKeeper Keeper { get; } = new();

    public void Dispose()
    {
        _runs.ForEach(run => run.Dispose());
        Keeper.Dispose();
        Environment.SetEnvironmentVariable("MUSTER_SOCKET", null);
        GC.SuppressFinalize(this);
    }

    protected TrainingRun Join(TrainingRunOptions? options = null)
    {
        Environment.SetEnvironmentVariable("MUSTER_SOCKET", Keeper.Path);
        var run = TrainingRun.Join(options);
        _runs.Add(run);
        return run;
    }

    protected static void Save(CheckpointWriter writer) => writer.Write("state", "state"u8);

    /// <summary>Runs the program's side on a thread of its own. The returned action waits for its end.</summary>
    protected Action Start(Action program)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(program)) { IsBackground = true };
        _threads.Add(thread);
        thread.Start();
        return () =>
        {
            Assert.True(thread.Join(FakeKeeper.Patience), "the program did not end");
            Assert.Null(failure);
        };
    }

    protected void Ask(string state, long step, bool ends = true) => Keeper.Wish(
        $$"""{"id": 7, "step": {{step}}, "ends": {{(ends ? "true" : "false")}}, "state": "{{state}}"}""");
}
