namespace Muster.Worker;

/// <summary>The keeper refused what the program asked for, and says why.</summary>
public sealed class KeeperRefusedException : Exception
{
    internal KeeperRefusedException(string request, int status, string why)
        : base($"Muster's keeper refused {request} (HTTP {status}): {why}") => Status = status;

    /// <summary>The HTTP status of the refusal, 400–599.</summary>
    public int Status { get; }
}

/// <summary>Nothing answers on the worker socket, or what answers does not speak the worker API.</summary>
public sealed class KeeperUnreachableException : IOException
{
    internal KeeperUnreachableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
