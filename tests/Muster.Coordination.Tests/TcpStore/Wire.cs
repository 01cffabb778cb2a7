using System.Buffers.Binary;
using Muster.Codecs.TcpStore;
using Muster.Primitives;

namespace Muster.Coordination.Tests.TcpStore;

/// <summary>Requests as PyTorch's clients send them, written from the protocol's description alone.</summary>
internal static class Wire
{
    public static readonly byte[] Hello = [0, 0xCE, 0xF7, 0x85, 0x3C];

    public static byte[] Modern(TcpStoreRequest request) => request switch
    {
        TcpStoreRequest.Validate => Hello,
        TcpStoreRequest.Set r => [1, .. Bytes(r.Key), .. Bytes(r.Value)],
        TcpStoreRequest.CompareSet r => [2, .. Bytes(r.Key), .. Bytes(r.Expected), .. Bytes(r.Desired)],
        TcpStoreRequest.Get r => [3, .. Bytes(r.Key)],
        TcpStoreRequest.Add r => [4, .. Bytes(r.Key), .. Number(r.Delta)],
        TcpStoreRequest.Check r => [5, .. List(r.Keys)],
        TcpStoreRequest.Wait r => [6, .. List(r.Keys)],
        TcpStoreRequest.CountKeys => [7],
        TcpStoreRequest.Delete r => [8, .. Bytes(r.Key)],
        TcpStoreRequest.Append r => [9, .. Bytes(r.Key), .. Bytes(r.Value)],
        TcpStoreRequest.MultiGet r => [10, .. List(r.Keys)],
        TcpStoreRequest.MultiSet r => [11, .. Number(r.Pairs.Length), .. r.Pairs.SelectMany(pair => Bytes(pair.Key).Concat(Bytes(pair.Value)))],
        TcpStoreRequest.CancelWait => [12],
        TcpStoreRequest.Ping r => [13, .. BitConverter.GetBytes(r.Nonce)],
        TcpStoreRequest.QueuePush r => [14, .. Bytes(r.Queue), .. Bytes(r.Value)],
        TcpStoreRequest.QueuePop r => [15, .. Bytes(r.Queue)],
        TcpStoreRequest.QueueLength r => [16, .. Bytes(r.Queue)],
        TcpStoreRequest.ListKeys => [17],
        TcpStoreRequest.Barrier r => [18, .. Bytes(r.Key), .. Number(r.WorldSize)],
        _ => throw new ArgumentException($"no modern client sends {request}"),
    };

    /// <summary>The same body under the number that clients of torch 2.0 and older use.</summary>
    public static byte[] Legacy(TcpStoreRequest request) => request switch
    {
        TcpStoreRequest.WatchKey r => [7, .. Bytes(r.Key)],
        TcpStoreRequest.Delete => Modern(request),
        TcpStoreRequest.Set or TcpStoreRequest.CompareSet or TcpStoreRequest.Get or TcpStoreRequest.Add or TcpStoreRequest.Check or TcpStoreRequest.Wait
            or TcpStoreRequest.CountKeys => [(byte)(Modern(request)[0] - 1), .. Modern(request)[1..]],
        _ => throw new ArgumentException($"no legacy client sends {request}"),
    };

    public static ByteString Text(string text) => ByteString.From(text);

    private static byte[] List(IReadOnlyCollection<ByteString> keys) => [.. Number(keys.Count), .. keys.SelectMany(Bytes)];

    private static byte[] Bytes(ByteString bytes) => [.. Number(bytes.Length), .. bytes.Span];

    private static byte[] Number(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return bytes;
    }
}
