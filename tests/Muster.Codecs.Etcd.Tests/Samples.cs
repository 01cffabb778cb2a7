using System.Collections.Immutable;
using System.Reflection;
using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Keyspace.Tests.Oracle;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Etcd;

/// <summary>Random messages of every kind: what is not the store's vocabulary is made from the kinds of its fields.</summary>
internal sealed class Samples(SeededRandom random)
{
    private readonly Programs _programs = new(random);

    public object Of(Type type) => type switch
    {
        _ when type == typeof(long) => (long)Number(),
        _ when type == typeof(ulong) => Number(),
        _ when type == typeof(uint) => (uint)Number(),
        _ when type == typeof(bool) => random.Chance(0.5),
        _ when type == typeof(string) => Text(),
        _ when type == typeof(ByteString) => Bytes(),
        _ when type.IsEnum => Enum.ToObject(type, random.Chance(0.1) ? (int)Number() : random.Next(3)),
        _ when type == typeof(Operation.Range) => _programs.Range(100) with { Limit = (long)Number(), At = new((long)Number()) },
        _ when type == typeof(Operation.Put) => _programs.Put(),
        _ when type == typeof(Operation.Delete) => _programs.Delete(),
        _ when type == typeof(Transaction) => _programs.Transaction(100),
        _ when type == typeof(OperationResult.Range) => Result(0, 0),
        _ when type == typeof(OperationResult.Put) => Result(1, 0),
        _ when type == typeof(OperationResult.Delete) => Result(2, 0),
        _ when type == typeof(TransactionResult) => Result(0),
        _ when type == typeof(WatchRequest) => Watch(),
        _ when type == typeof(WatchResponse) => Watched(),
        _ when type == typeof(KeyValue) => Key(),
        _ when Nullable.GetUnderlyingType(type) is { } inner => Of(inner),
        _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) => Many(type.GenericTypeArguments[0]),
        _ => Made(type),
    };

    public byte[] Spoiled(byte[] good)
    {
        var bytes = good.ToList();
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 5), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 9), bytes.Count - at))); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.InsertRange(at, Noise(random.Next(1, 6))); break;
            }
        }

        return [.. bytes];
    }

    private byte[] Noise(int length)
    {
        var noise = new byte[length];
        random.Fill(noise);
        return noise;
    }

    private ulong Number() => random.Next(4) == 0 ? 0 : random.NextUInt64() >> random.Next(64);

    private string Text() => random.Pick(["", "a", "größe", "\0", new string('x', 130), "\ud83d\ude80"]);

    private ByteString Bytes() => random.Chance(0.05) ? new(Noise(random.Next(100, 400))) : new(Noise(random.Next(4)));

    private object Many(Type item)
    {
        var items = Array.CreateInstance(item, random.Next(4));
        for (var i = 0; i < items.Length; i++)
            items.SetValue(Of(item), i);
        var make = typeof(ImmutableArray).GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Single(method => method.Name == nameof(ImmutableArray.Create) && method.GetParameters() is [{ ParameterType.IsArray: true } only]
                && only.GetCustomAttribute<ParamArrayAttribute>() is not null);
        return make.MakeGenericMethod(item).Invoke(null, [items])!;
    }

    private object Made(Type type)
    {
        var parts = type.GetConstructors().MaxBy(made => made.GetParameters().Length);
        if (parts is null || parts.GetParameters().Length == 0)
            return Activator.CreateInstance(type)!;
        if (type == typeof(TxnRequest))
            return new TxnRequest(_programs.Transaction(100));
        return parts.Invoke([.. parts.GetParameters().Select(part => MayMiss(part.ParameterType) && random.Chance(0.3) ? null : Of(part.ParameterType))]);
    }

    private static bool MayMiss(Type type) => Nullable.GetUnderlyingType(type) is not null || type == typeof(KeyValue);

    private KeyValue Key() => new(Bytes(), Bytes(), new((long)Number()), new((long)Number()), new((long)Number()), new((long)Number()));

    private ImmutableArray<KeyValue> Keys() => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Key())];

    private TransactionResult Result(int depth) =>
        new(random.Chance(0.5), [.. Enumerable.Range(0, random.Next(4)).Select(_ => Result(random.Next(depth < 3 ? 4 : 3), depth))], default);

    private OperationResult Result(int kind, int depth) => kind switch
    {
        0 => new OperationResult.Range(Keys(), random.Chance(0.5), (long)Number(), new((long)Number())),
        1 => new OperationResult.Put(random.Chance(0.5) ? Key() : null, new((long)Number())),
        2 => new OperationResult.Delete((long)Number(), Keys(), new((long)Number())),
        _ => new OperationResult.Nested(Result(depth + 1)),
    };

    private WatchRequest Watch() => random.Next(8) switch
    {
        0 => new WatchRequest.Cancel((long)Number()),
        1 => new WatchRequest.Progress(),
        2 => new WatchRequest.Nothing(),
        _ => new WatchRequest.Create(
            new(_programs.Keys()) { NoPuts = random.Chance(0.3), NoDeletes = random.Chance(0.3), ReturnPrevious = random.Chance(0.5) },
            new((long)Number()), (long)Number()) { NotifyProgress = random.Chance(0.5), MayDivide = random.Chance(0.5) },
    };

    private WatchResponse Watched() => new((ResponseHeader)Of(typeof(ResponseHeader)), (long)Number())
    {
        IsCreated = random.Chance(0.5),
        IsCanceled = random.Chance(0.5),
        IsFragment = random.Chance(0.5),
        Compacted = new((long)Number()),
        CancelReason = Text(),
        Events = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Event())],
    };

    private WatchEvent Event() =>
        new(random.Chance(0.5) ? Key() with { Version = new((long)Number() | 1) } : Key() with { Version = default }, random.Chance(0.5) ? Key() : null);
}
