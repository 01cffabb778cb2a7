using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Muster.Codecs;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores.Etcd;

/// <summary>Makes calls to one of a cluster's servers, and goes to the next when it does not answer.</summary>
/// <remarks>
/// Runs on one loop. Clients begin at servers drawn by chance and so spread over them. Repeated is only what is safe to repeat: what
/// the caller says so of, and what certainly was not done.
/// </remarks>
internal sealed class EtcdCaller : IDisposable
{
    private readonly ImmutableArray<GrpcChannel> _channels;
    private readonly EtcdAddress _address;
    private readonly EtcdStoreOptions _options;
    private readonly MonotonicClock _clock;
    private readonly SeededRandom _chance;
    private readonly ProtoWriter _writer = new();
    private string? _token;
    private Task? _loggingIn;
    private int _current;
    private int _underWay;

    public EtcdCaller(EtcdAddress address, EtcdStoreOptions options, MonotonicClock clock, SeededRandom chance)
    {
        (_address, _options, _clock, _chance) = (address, options, clock, chance);
        var tls = address.Tls is { } files ? Tls(files) : null;
        var scheme = address.Tls is null ? "http" : "https";
        var channel = GrpcChannelOptions.Default with { Tls = tls, ConnectTimeout = options.ServerWithin };
        _channels = [.. address.Endpoints.Select(endpoint => new GrpcChannel(new Uri($"{scheme}://{endpoint}"), channel))];
        _current = (int)(chance.NextUInt64() % (ulong)_channels.Length);
    }

    /// <summary>Raised on the loop when another server is asked from now on.</summary>
    public Action Moved { get; set; } = () => { };

    /// <summary>Number of the server that is asked.</summary>
    public int Current => _current;

    /// <summary>What the last failure was.</summary>
    public string LastTrouble { get; private set; } = "no server has answered yet";

    /// <summary>Asks, and reads the answer.</summary>
    /// <param name="path">The method.</param>
    /// <param name="request">What.</param>
    /// <param name="mayRepeat">Whether doing it twice is the same as doing it once.</param>
    /// <param name="within">How long to try; the option's when null.</param>
    /// <exception cref="GrpcException">A refusal: nothing was done, and no server would.</exception>
    /// <exception cref="StoreUnavailableException">Nobody answered in time, or what became of it is unknown.</exception>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(string path, TRequest request, bool mayRepeat, TimeSpan? within = null)
        where TRequest : IProtoMessage<TRequest>
        where TResponse : IProtoMessage<TResponse>
    {
        request.Write(_writer.Reset());
        var bytes = _writer.Written.ToArray();
        return await RepeatAsync(mayRepeat, within ?? _options.AnswerWithin, async (channel, limit) =>
        {
            var answer = await channel.UnaryAsync(path, bytes, Options(limit));
            return Decode<TResponse>(answer);
        });
    }

    /// <summary>Asks one question on a stream and reads one answer.</summary>
    public Task<TResponse> AskOnceAsync<TRequest, TResponse>(string path, TRequest request)
        where TRequest : IProtoMessage<TRequest>
        where TResponse : IProtoMessage<TResponse>
    {
        var bytes = Proto.Encode(request);
        return RepeatAsync(true, _options.AnswerWithin, async (channel, limit) =>
        {
            await using var stream = channel.Duplex(path, Options(limit));
            await stream.WriteAsync(bytes);
            stream.Complete();
            return await stream.ReadAsync() is { } answer
                ? Decode<TResponse>(answer)
                : throw new GrpcException(GrpcCode.Unavailable, "the stream ended before its answer");
        });
    }

    /// <summary>Opens a stream to the current server.</summary>
    public async Task<GrpcDuplex> OpenAsync(string path, CancellationToken cancel)
    {
        await LogInAsync();
        return _channels[_current].Duplex(path, Options(null) with { Metadata = [.. Metadata(), new("hasleader", "true")] }, cancel);
    }

    /// <summary>A server does not answer as it should: the next one is asked from now on.</summary>
    /// <param name="server">Which; nothing happens when another is asked already.</param>
    /// <param name="trouble">What was wrong.</param>
    public void MoveFrom(int server, string trouble)
    {
        LastTrouble = $"{_channels[server].Address.Authority}: {trouble}";
        if (server != _current)
            return;
        _current = (_current + 1) % _channels.Length;
        Moved();
    }

    /// <summary>How long to wait before trying again.</summary>
    public TimeSpan Pause(int round)
    {
        var pause = _options.RetryAfter * Math.Pow(2, Math.Min(round, 10));
        if (pause > _options.RetryAfterMax)
            pause = _options.RetryAfterMax;
        return pause * (0.5 + (_chance.NextUInt64() >> 11) / (double)(1UL << 53) / 2);
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
            channel.Dispose();
    }

    private async Task<T> RepeatAsync<T>(bool mayRepeat, TimeSpan within, Func<GrpcChannel, TimeSpan, Task<T>> ask)
    {
        if (_underWay >= _options.CallsMax)
            throw new StoreRefusedException(StoreRefusal.TooManyRequests);
        _underWay++;
        try
        {
            return await RepeatUntilAsync(mayRepeat, _clock.Now + within, ask);
        }
        finally
        {
            _underWay--;
        }
    }

    private async Task<T> RepeatUntilAsync<T>(bool mayRepeat, Instant until, Func<GrpcChannel, TimeSpan, Task<T>> ask)
    {
        for (var tries = 1; ; tries++)
        {
            var server = _current;
            try
            {
                await LogInAsync();
                server = _current;
                // What may not be repeated waits as long as its caller does: giving up early would only lose the answer.
                var left = until - _clock.Now;
                var limit = mayRepeat && left > _options.ServerWithin ? _options.ServerWithin : left;
                return await ask(_channels[server], limit);
            }
            catch (GrpcException failure)
            {
                switch (EtcdErrors.Kind(failure))
                {
                    case EtcdFailure.Refused:
                        throw;
                    case EtcdFailure.TokenOld when tries <= 3:
                        _token = null;
                        break;
                    case EtcdFailure.Unknown when !mayRepeat:
                        MoveFrom(server, failure.Status.Detail);
                        throw new StoreUnavailableException($"{LastTrouble}; it may have been done");
                    default:
                        MoveFrom(server, failure.Status.Detail);
                        break;
                }
            }

            var pause = tries % _channels.Length == 0 ? Pause(tries / _channels.Length) : TimeSpan.Zero;
            if (_clock.Now + pause >= until)
                throw new StoreUnavailableException($"no server answered in time: {LastTrouble}");
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, _clock.Time, CancellationToken.None);
        }
    }

    /// <summary>Gets a token, once for all who need it now.</summary>
    private async Task LogInAsync()
    {
        if (_address.Credentials is not { } known || _token is not null)
            return;
        _loggingIn ??= GetTokenAsync(known.User, known.Password);
        try
        {
            await _loggingIn;
        }
        finally
        {
            _loggingIn = null;
        }
    }

    private async Task GetTokenAsync(string user, string password)
    {
        try
        {
            var bytes = Proto.Encode(new AuthenticateRequest(user, password));
            var answer = await _channels[_current].UnaryAsync(EtcdMethods.Authenticate, bytes, new() { Timeout = _options.ServerWithin });
            _token = Decode<AuthenticateResponse>(answer).Token;
        }
        catch (GrpcException open) when (open.Status.Detail == EtcdErrors.AuthNotEnabled)
        {
            _token = "";   // as etcd's own clients have it: a server without users lets everybody in
        }
    }

    private GrpcCallOptions Options(TimeSpan? limit) => new() { Timeout = limit, Metadata = Metadata() };

    private ImmutableArray<KeyValuePair<string, string>> Metadata() => _token is null or "" ? [] : [new("token", _token)];

    private static T Decode<T>(ReadOnlyMemory<byte> bytes)
        where T : IProtoMessage<T>
    {
        try
        {
            return Proto.Decode<T>(bytes.Span);
        }
        catch (CodecException malformed)
        {
            throw new GrpcException(new(GrpcCode.Internal, malformed.Message), malformed);
        }
    }

    private static GrpcClientTls Tls(EtcdTls files)
    {
        var authorities = new X509Certificate2Collection();
        if (files.Authorities is { } trusted)
            authorities.ImportFromPemFile(trusted);
        return new(authorities, files.Certificate is { } own ? X509Certificate2.CreateFromPemFile(own, files.Key) : null, files.ServerName);
    }
}

/// <summary>Methods of etcd's services that the engine calls.</summary>
internal static class EtcdMethods
{
    public const string Range = "/etcdserverpb.KV/Range";
    public const string Put = "/etcdserverpb.KV/Put";
    public const string Txn = "/etcdserverpb.KV/Txn";
    public const string Compact = "/etcdserverpb.KV/Compact";
    public const string Grant = "/etcdserverpb.Lease/LeaseGrant";
    public const string Revoke = "/etcdserverpb.Lease/LeaseRevoke";
    public const string KeepAlive = "/etcdserverpb.Lease/LeaseKeepAlive";
    public const string TimeToLive = "/etcdserverpb.Lease/LeaseTimeToLive";
    public const string Watch = "/etcdserverpb.Watch/Watch";
    public const string Authenticate = "/etcdserverpb.Auth/Authenticate";
}
