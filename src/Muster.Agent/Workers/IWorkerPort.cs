using Muster.Jobs.Keepers;

namespace Muster.Agent.Workers;

/// <summary>Where training programs speak to their keeper: the seam between the keeper's loop and the worker API.</summary>
public interface IWorkerPort
{
    /// <summary>Listens at a rank's socket until it is closed.</summary>
    /// <param name="path">The socket, absolute; its directory exists.</param>
    /// <param name="events">Where words of the program go; called from any thread, it only posts to inboxes.</param>
    void Open(string path, IWorkerEvents events);

    /// <summary>Stops to listen and breaks what is open; nothing when it is not open.</summary>
    void Close(string path);

    /// <summary>Tells the program all that is wished; said again to each new stream.</summary>
    void Wish(string path, WorkerWish wish);

    /// <summary>Answers a request; nothing when its asker is gone.</summary>
    void Answer(ExchangeId exchange, WorkerAnswer answer);

    /// <summary>A TCP port of this host that nobody uses, another one at each call.</summary>
    int FindFreePort();
}

/// <summary>What a training program says.</summary>
public interface IWorkerEvents
{
    /// <summary>It asks, and waits for <see cref="IWorkerPort.Answer"/>.</summary>
    void Asked(ExchangeId exchange, WorkerRequest request);

    /// <summary>It no longer waits.</summary>
    void Gone(ExchangeId exchange);

    /// <summary>It reports.</summary>
    void Reported(WorkerReport report);
}
