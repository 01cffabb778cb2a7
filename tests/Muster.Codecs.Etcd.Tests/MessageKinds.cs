using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;

namespace Muster.Codecs.Tests.Etcd;

/// <summary>Every message there is, found in the assembly, so that a new one is tested without being named.</summary>
internal static class MessageKinds
{
    public static IReadOnlyList<MessageKind> All { get; } =
    [
        .. typeof(ResponseHeader).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(face => face.IsGenericType
                && face.GetGenericTypeDefinition() == typeof(IProtoMessage<>) && face.GenericTypeArguments[0] == type))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => (MessageKind)Activator.CreateInstance(typeof(MessageKind<>).MakeGenericType(type))!),
    ];
}

internal abstract class MessageKind
{
    public abstract Type Type { get; }

    public abstract byte[] Sample(Samples samples);

    public abstract byte[] ReadAndWrite(ReadOnlySpan<byte> bytes);
}

internal sealed class MessageKind<T> : MessageKind
    where T : IProtoMessage<T>
{
    public override Type Type => typeof(T);

    public override byte[] Sample(Samples samples) => Proto.Encode((T)samples.Of(typeof(T)));

    public override byte[] ReadAndWrite(ReadOnlySpan<byte> bytes) => Proto.Encode(Proto.Decode<T>(bytes));
}
