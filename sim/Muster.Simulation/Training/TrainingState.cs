using System.Buffers.Binary;
using Muster.Primitives;

namespace Muster.Simulation.Training;

/// <summary>A training whose state is a pure function of the state before, the step and all ranks' data.</summary>
/// <remarks>What a run must end with is therefore known beforehand, bit for bit, however often it was interrupted.</remarks>
/// <param name="seed">Stands for the data set.</param>
/// <param name="worldSize">Ranks.</param>
public sealed class TrainingState(ulong seed, int worldSize)
{
    private readonly List<ulong> _states = [new SeededRandom(seed ^ 0x5EED_0F_57A7E5).NextUInt64()];

    /// <summary>What a rank computes from its part of the data in a step; the step counts from 0.</summary>
    public ulong Contribution(int rank, long step, ulong state) => Mix(state ^ Mix(seed + ((ulong)rank * 0x9E3779B97F4A7C15) + (ulong)step));

    /// <summary>The state after one more step, from the sum of all contributions.</summary>
    public static ulong Next(ulong state, ulong sum) => Mix(state + sum);

    /// <summary>The state after some steps: what every rank must have then.</summary>
    public ulong After(long steps)
    {
        while (_states.Count <= steps)
        {
            var (state, sum) = (_states[^1], 0UL);
            for (var rank = 0; rank < worldSize; rank++)
                sum += Contribution(rank, _states.Count - 1, state);
            _states.Add(Next(state, sum));
        }

        return _states[(int)steps];
    }

    /// <summary>A shard: its head names step, rank and state; the rest follows from them, so that any torn byte shows.</summary>
    public static byte[] Shard(long step, int rank, ulong state)
    {
        var chance = new SeededRandom(Mix(state + (ulong)step + ((ulong)rank << 32)));
        var bytes = new byte[24 + chance.Next(2000)];
        chance.Fill(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, step);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), rank);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), state);
        return bytes;
    }

    /// <summary>The shard that a rank must have written after some steps.</summary>
    public byte[] Expected(long steps, int rank) => Shard(steps, rank, After(steps));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
