namespace Muster.Scheduling.Policies;

/// <summary>Every job gets 1/n of every type, as if the cluster were cut in equal parts.</summary>
/// <remarks>X_ij = c_j / (n s_i), each row scaled down to at most 1. Source: Narayanan et al., OSDI 2020, section 4.1.</remarks>
public sealed class Isolated : Policy
{
    /// <inheritdoc/>
    public override string Name => "isolated";

    /// <inheritdoc/>
    public override void Allocate(AllocationRequest request, Shares shares)
    {
        for (var row = 0; row < request.Jobs.Count; row++)
            Fill(request, request.Jobs[row].Gpus, shares.Row(row));
    }

    /// <summary>The shares of one job.</summary>
    internal static void Fill(AllocationRequest request, int gpus, Span<double> row)
    {
        var sum = 0.0;
        for (var type = 0; type < row.Length; type++)
            sum += row[type] = (double)request.Cluster.Pools[type].Gpus / (request.Jobs.Count * (double)gpus);
        if (sum <= 1)
            return;
        for (var type = 0; type < row.Length; type++)
            row[type] /= sum;
    }
}
