namespace Muster.Scheduling.Solvers;

/// <summary>Assigns items to slots that hold several, at the least total cost, one item after another along the cheapest chain of moves.</summary>
/// <remarks>Successive shortest paths: Busacker and Gowen, 1960. Slots are few, items many: paths are sought among slots (Bellman and Ford).</remarks>
internal static class Transportation
{
    /// <summary>The slot of each item. Items of one size move each other exactly; a larger item takes room for its size.</summary>
    /// <param name="items">Items, at most as many as fit.</param>
    /// <param name="room">Shape [slots]; what each holds.</param>
    /// <param name="cost">Cost of an item in a slot.</param>
    /// <param name="size">What an item takes of a slot.</param>
    public static int[] Assign(int items, int[] room, Func<int, int, double> cost, Func<int, int> size)
    {
        var slots = room.Length;
        var costs = new double[items * slots];
        for (var item = 0; item < items; item++)
            for (var slot = 0; slot < slots; slot++)
                costs[item * slots + slot] = cost(item, slot);
        var (slotOf, free) = (new int[items], (int[])room.Clone());
        var held = Enumerable.Range(0, slots).Select(_ => new List<int>()).ToArray();
        for (var item = 0; item < items; item++)
            Place(item, costs, slots, held, free, slotOf, size);
        return slotOf;
    }

    private static void Place(int item, double[] costs, int slots, List<int>[] held, int[] free, int[] slotOf, Func<int, int> size)
    {
        var (distance, mover, from) = (new double[slots], new int[slots], new int[slots]);
        for (var slot = 0; slot < slots; slot++)
            (distance[slot], mover[slot], from[slot]) = (costs[item * slots + slot], item, -1);
        Relax(costs, slots, held, distance, mover, from);
        var best = -1;
        for (var slot = 0; slot < slots; slot++)
            if (free[slot] > 0 && (best < 0 || distance[slot] < distance[best]))
                best = slot;
        Primitives.Invariant.Require(best >= 0);
        free[best] -= size(item);
        for (var at = best; at >= 0;)
        {
            var (moved, source) = (mover[at], from[at]);
            if (source >= 0)
                held[source].Remove(moved);
            held[at].Add(moved);
            slotOf[moved] = at;
            at = source;
        }
    }

    private static void Relax(double[] costs, int slots, List<int>[] held, double[] distance, int[] mover, int[] from)
    {
        var (step, who) = (new double[slots * slots], new int[slots * slots]);
        Array.Fill(step, double.PositiveInfinity);
        for (var a = 0; a < slots; a++)
            foreach (var other in held[a])
                for (var b = 0; b < slots; b++)
                    if (costs[other * slots + b] - costs[other * slots + a] is var extra && extra < step[a * slots + b])
                        (step[a * slots + b], who[a * slots + b]) = (extra, other);
        for (var (pass, changed) = (0, true); changed && pass < slots; pass++)
        {
            changed = false;
            for (var a = 0; a < slots; a++)
                for (var b = 0; b < slots; b++)
                    if (a != b && distance[a] + step[a * slots + b] < distance[b] - 1e-9 * Math.Abs(distance[b]))
                    {
                        (distance[b], mover[b], from[b]) = (distance[a] + step[a * slots + b], who[a * slots + b], a);
                        changed = true;
                    }
        }
    }
}
