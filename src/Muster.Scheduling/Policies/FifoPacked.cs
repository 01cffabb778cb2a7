namespace Muster.Scheduling.Policies;

/// <summary>First come, first served on the fastest free type; who finds no room joins the job beside which both do most.</summary>
/// <remarks>Source: Narayanan et al., OSDI 2020, section 4.2 (FIFO with space sharing).</remarks>
public sealed class FifoPacked : Policy
{
    /// <summary>What two jobs must do together, in units of one alone, before they are put together.</summary>
    public const double WorthMin = 1.5;

    private const int Waiting = -1;
    private const int Paired = -2;
    private readonly FifoAware _alone = new();

    /// <inheritdoc/>
    public override string Name => "fifo_packed";

    /// <inheritdoc/>
    public override bool KnowsTypes => true;

    /// <inheritdoc/>
    public override bool OnlyAllocated => true;

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        _alone.Allocate(request, shares);
        var types = new int[request.Jobs.Count];
        for (var row = 0; row < types.Length; row++)
            types[row] = shares.Row(row).IndexOf(1.0);
        for (var row = 0; row < types.Length; row++)
        {
            if (types[row] != Waiting)
                continue;
            var (best, worth) = (-1, WorthMin);
            for (var host = 0; host < types.Length; host++)
                if (types[host] >= 0 && host != row && Packing.Worth(request.Jobs[host].Kind, request.Jobs[row].Kind, types[host]) is var both && both > worth)
                    (best, worth) = (host, both);
            if (best < 0)
                continue;
            var share = new double[request.Cluster.Types];
            share[types[best]] = 1;
            shares.Row(best).Clear();
            shares.Pairs.Add(new PairShare(Math.Min(best, row), Math.Max(best, row), share));
            types[best] = types[row] = Paired;
        }
    }
}
