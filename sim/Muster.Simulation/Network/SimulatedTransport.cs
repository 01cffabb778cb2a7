using Muster.Runtime;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Network;

/// <summary>The network seam of one simulated process.</summary>
internal sealed class SimulatedTransport(SimulatedProcess self) : ITransport
{
    private static readonly TimeSpan SynRetry = TimeSpan.FromSeconds(1);

    private SimulatedNetwork Network => self.World.Network;

    public IDisposable Listen(string address, Action<ILink> accepted) => self.Effect($"net.listen {address}")
        ? Network.Listen(self, address, accepted)
        : new SimulatedLink(self, 0, address);   // a dead process's listener: nothing to dispose of

    public ILink Connect(string address)
    {
        var link = new SimulatedLink(self, Network.NextLinkNumber(), address);
        if (!self.Effect($"net.connect {link.Number} {address}"))
            return link;
        Network.Opened(link);
        var target = Network.HostOf(self.Host, address);
        var delay = Draw(self.Host, target);
        self.World.After(delay, () => Arrive(link, target, self.World.Now + Network.Conditions(self.Host, target).GivesUpAfter));
        return link;
    }

    private void Arrive(SimulatedLink link, SimulatedHost target, TimeSpan givesUpAt)
    {
        if (link.IsClosed)
            return;
        if (Network.IsCut(self.Host, target) || Network.IsCut(target, self.Host))
        {
            if (self.World.Now >= givesUpAt)
                link.CloseFromOutside("timed out: no answer to connect");
            else
                self.World.After(SynRetry, () => Arrive(link, target, givesUpAt));
            return;
        }

        if (Network.Find(self.Host, link.Address) is not { } listener)
        {
            self.World.After(Draw(target, self.Host), () => link.CloseFromOutside("refused: nobody listens there"));
            return;
        }

        var accepted = new SimulatedLink(listener.Process, link.Number, link.Address) { IsAcceptor = true };
        Network.Opened(accepted);
        link.Join(accepted);
        listener.Accept(accepted);
    }

    private TimeSpan Draw(SimulatedHost from, SimulatedHost to)
    {
        var conditions = Network.Conditions(from, to);
        return Network.Chance.Between(conditions.DelayMin, conditions.DelayMax);
    }
}
