namespace Muster.Worker.Checkpoints;

/// <summary>Carries one due checkpoint through: directory, the program's save, completion.</summary>
/// <param name="home">Where checkpoints live.</param>
/// <param name="failed">Told step and reason of a checkpoint that does not exist.</param>
internal sealed class CheckpointSaver(ICheckpointHome home, Action<long, string> failed)
{
    public void Save(long step, Action<CheckpointWriter> save, bool background)
    {
        var directory = home.Begin(step, background);
        try
        {
            save(new CheckpointWriter(step, directory));
        }
        catch (Exception e)     // whatever the program threw: nobody may take half a checkpoint for one
        {
            home.GiveUp(step);
            failed(step, e.Message);
            if (!DiskFull.Is(e))
                throw;
            Warn(step, e.Message);
            return;
        }

        if (home.Complete(step, background) is { } problem)
        {
            failed(step, problem);
            Warn(step, problem);
        }
    }

    private static void Warn(long step, string problem) => Console.Error.WriteLine(
        $"muster: the checkpoint of step {step} does not exist: {problem}. Training goes on; free space before the next one is due.");
}
