namespace Muster.Network.Http;

/// <summary>How a call ended.</summary>
/// <remarks>Source: gRPC's status codes, doc/statuscodes.md.</remarks>
public enum GrpcCode
{
    /// <summary>Well.</summary>
    Ok = 0,

    /// <summary>The caller gave up.</summary>
    Cancelled = 1,

    /// <summary>For a reason that has no code.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state.</summary>
    InvalidArgument = 3,

    /// <summary>Time was over; what was asked may have been done.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was named does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be made exists.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not.</summary>
    PermissionDenied = 7,

    /// <summary>A limit is reached.</summary>
    ResourceExhausted = 8,

    /// <summary>The state forbids it.</summary>
    FailedPrecondition = 9,

    /// <summary>A concurrent change got in the way.</summary>
    Aborted = 10,

    /// <summary>Past what there is.</summary>
    OutOfRange = 11,

    /// <summary>There is no such method.</summary>
    Unimplemented = 12,

    /// <summary>The other side broke the protocol, or is broken.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached or cannot serve now.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or damaged.</summary>
    DataLoss = 15,

    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}

/// <summary>A code with its reason.</summary>
/// <param name="Code">What programs look at.</param>
/// <param name="Detail">What people read; empty when well.</param>
public readonly record struct GrpcStatus(GrpcCode Code, string Detail)
{
    /// <summary>Well.</summary>
    public static GrpcStatus Ok { get; } = new(GrpcCode.Ok, "");

    /// <inheritdoc/>
    public override string ToString() => Detail is null or "" ? Code.ToString() : $"{Code}: {Detail}";
}

/// <summary>A call ended, and not well: thrown by a handler to say so to its caller, and by a channel to say it was told so.</summary>
/// <param name="status">How.</param>
/// <param name="cause">What was behind it, on this side.</param>
public sealed class GrpcException(GrpcStatus status, Exception? cause = null) : Exception(status.ToString(), cause)
{
    /// <summary>Ends with a code and a reason.</summary>
    public GrpcException(GrpcCode code, string detail)
        : this(new(code, detail))
    {
    }

    /// <summary>How.</summary>
    public GrpcStatus Status { get; } = status;

    /// <summary>The code.</summary>
    public GrpcCode Code => Status.Code;

    /// <summary>Whether the server cannot have seen the call, so that it may be made again whatever it does. False when unknown.</summary>
    public bool WasNotSent { get; init; }
}
