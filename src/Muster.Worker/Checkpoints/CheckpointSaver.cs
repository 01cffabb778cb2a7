namespace Muster.Worker.Checkpoints;

/// <summary>Carries one due checkpoint through: directory, the program's save, completion.</summary>
/// <param name="home">Where checkpoints live.</param>
/// <param name="failed">Told step and reason of a checkpoint that does not exist.</param>
internal sealed class CheckpointSaver(ICheckpointHome home, Action<long, string> failed)
{
    public void Save(long step, Action<CheckpointWriter> save, bool background)
    {
        var begun = home.Begin(step, background);
        if (begun.Directory is not { } directory)
        {
            Missing(step, begun.Trouble!);
            return;
        }

        try
        {
            save(new CheckpointWriter(step, directory));
        }
        catch (Exception e)     // whatever the program threw: nobody may take half a checkpoint for one
        {
            home.GiveUp(step);
            if (!DiskFull.Is(e))
            {
                failed(step, e.Message);
                throw;
            }

            Missing(step, e.Message.Contains(directory, StringComparison.Ordinal) ? e.Message : $"{e.Message}: {directory}");
            return;
        }

        if (home.Complete(step, background) is { } problem)
            Missing(step, problem);
    }

    private void Missing(long step, string problem)
    {
        failed(step, problem);
        Console.Error.WriteLine(
            $"muster: there is no checkpoint of step {step}: {problem}. Training goes on; the next one due is tried again.");
    }
}
