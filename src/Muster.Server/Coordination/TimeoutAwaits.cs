namespace Muster.Server.Coordination;

internal static class TimeoutAwaits
{
    /// <summary>Goes on after a time-out: whoever waits looks again at what is true.</summary>
    public static async Task ContinueOnTimeout(this Task waiting)
    {
        try
        {
            await waiting;
        }
        catch (TimeoutException)
        {
        }
    }
}
