using Muster.Agent.Workers;
using Muster.Jobs.Keepers;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Agent.Keeping;

/// <summary>Posts what one rank's program says into the keeper's inbox.</summary>
internal sealed class WorkerInbox(Inbox<KeeperLoop.Arrival> inbox, MonotonicClock clock, Generation generation, Rank rank) : IWorkerEvents
{
    public void Asked(ExchangeId exchange, WorkerRequest request) =>
        Post(new KeeperInput.Asked(generation, rank, exchange, request, clock.Now));

    public void Gone(ExchangeId exchange) => Post(new KeeperInput.AskerGone(exchange));

    public void Reported(WorkerReport report) => Post(new KeeperInput.Reported(generation, rank, report, clock.Now));

    private void Post(KeeperInput input) => inbox.Post(new KeeperLoop.Arrival.Input(input));
}
