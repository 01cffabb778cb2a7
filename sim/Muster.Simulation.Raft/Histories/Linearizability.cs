using Muster.Primitives;

namespace Muster.Simulation.Raft.Histories;

/// <summary>Whether what clients saw could have happened one after the other, each operation at some moment between its call and its answer.</summary>
/// <remarks>
/// Wing and Gong, "Testing and verifying concurrent objects", 1993, with Lowe's memory of where it has been (2017), part by part:
/// keys and leases that no operation connects are checked apart (Herlihy and Wing: linearizability is local).
/// </remarks>
internal static class Linearizability
{
    /// <summary>Checks a history.</summary>
    /// <returns>Nothing when it could have happened; otherwise the operations of the part that could not.</returns>
    public static IReadOnlyList<Observed>? Refute(IReadOnlyList<Observed> history) =>
        Parts(history).FirstOrDefault(part => !CouldHaveHappened(part));

    /// <summary>The operations by connected keys and leases.</summary>
    public static IEnumerable<List<Observed>> Parts(IReadOnlyList<Observed> history)
    {
        var parent = Enumerable.Range(0, 100).ToArray();
        int Root(int at) => parent[at] == at ? at : parent[at] = Root(parent[at]);
        foreach (var observed in history)
        {
            var touched = Touched(observed.Operation);
            foreach (var other in touched.Skip(1))
                parent[Root(other)] = Root(touched[0]);
        }

        return history.GroupBy(observed => Root(Touched(observed.Operation)[0])).Select(part => part.ToList());
    }

    // Leases are numbered after the keys.
    private static int[] Touched(ClientOperation operation) => operation switch
    {
        ClientOperation.Put { Lease: 0 } put => [put.Key],
        ClientOperation.Put put => [put.Key, StoreModel.KeysMax + put.Lease],
        ClientOperation.Get get => [get.Key],
        ClientOperation.Delete delete => [delete.Key],
        ClientOperation.Swap swap => [swap.Key, swap.Other],
        ClientOperation.GetBoth get => [get.Key, get.Other],
        ClientOperation.Grant grant => [StoreModel.KeysMax + grant.Lease],
        ClientOperation.Revoke revoke => [StoreModel.KeysMax + revoke.Lease],
        _ => throw new InvalidOperationException(),
    };

    private sealed class Mark(Observed observed, Mark? call, UInt128 bit)
    {
        public Observed Observed { get; } = observed;

        /// <summary>Nothing on a call; on an answer, its call.</summary>
        public Mark? Call { get; } = call;

        public Mark? Answer { get; set; }

        public UInt128 Bit { get; } = bit;

        public Mark? Before { get; set; }

        public Mark? After { get; set; }

        public void Out()
        {
            Before!.After = After;
            if (After is not null)
                After.Before = Before;
        }

        public void In()
        {
            Before!.After = this;
            if (After is not null)
                After.Before = this;
        }
    }

    private static bool CouldHaveHappened(List<Observed> history)
    {
        var head = Line(history);
        var been = new HashSet<(UInt128 Done, StoreModel Store)>();
        var chosen = new Stack<(Mark Call, StoreModel Store)>();
        var store = default(StoreModel);
        UInt128 done = 0;
        for (var at = head.After; head.After is not null;)
        {
            if (at is { Call: null })
            {
                var (result, after) = store.Do(at.Observed.Operation);
                if (result == at.Observed.Result && been.Add((done ^ at.Bit, after)))
                {
                    chosen.Push((at, store));
                    (store, done) = (after, done ^ at.Bit);
                    at.Out();
                    at.Answer!.Out();
                    at = head.After;
                }
                else
                {
                    at = at.After;
                }

                continue;
            }

            // An answer whose call found no place: the last choice was wrong.
            if (!chosen.TryPop(out var last))
                return false;
            (at, store) = (last.Call, last.Store);
            done ^= at.Bit;
            at.Answer!.In();
            at.In();
            at = at.After;
        }

        return true;
    }

    /// <summary>Calls and answers by time; at one moment calls come first, which only allows more.</summary>
    private static Mark Line(List<Observed> history)
    {
        var random = new SeededRandom(42);
        var marks = new List<(long When, int Order, Mark Mark)>();
        foreach (var observed in history)
        {
            var bit = new UInt128(random.NextUInt64(), random.NextUInt64());
            var call = new Mark(observed, null, bit);
            call.Answer = new(observed, call, bit);
            marks.Add((observed.Called, 0, call));
            marks.Add((observed.Returned, 1, call.Answer));
        }

        var head = new Mark(null!, null, 0);
        var last = head;
        foreach (var (_, _, mark) in marks.OrderBy(mark => mark.When).ThenBy(mark => mark.Order))
        {
            (last.After, mark.Before) = (mark, last);
            last = mark;
        }

        return head;
    }
}
