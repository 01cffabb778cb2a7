namespace Muster.Samples.Charlm.Training;

/// <summary>Rises in a line over the first steps, then falls in a line to a tenth.</summary>
internal static class LearningRate
{
    private const long RiseSteps = 40;
    private const float Lowest = 0.05f;

    public static float At(long step, long total, float highest)
    {
        var rise = Math.Min(RiseSteps, Math.Max(1, total / 10));
        if (step < rise)
            return highest * (step + 1) / rise;
        var left = (float)(total - step) / Math.Max(1, total - rise);
        return highest * Math.Max(Lowest, left);
    }
}
