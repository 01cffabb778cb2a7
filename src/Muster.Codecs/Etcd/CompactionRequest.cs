using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Asks to forget history; answered by <see cref="HeaderResponse"/>.</summary>
/// <param name="At">What was superseded before this revision goes.</param>
/// <param name="IsPhysical">Whether to answer only when the space is free.</param>
public readonly record struct CompactionRequest(Revision At, bool IsPhysical) : IProtoMessage<CompactionRequest>
{
    /// <inheritdoc/>
    public static CompactionRequest Read(scoped ref ProtoReader reader)
    {
        var (at, physical) = (0L, false);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: at = reader.Int64(); break;
                case 2: physical = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        return new(new(at), physical);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, At.Number);
        writer.Flag(2, IsPhysical);
    }
}
