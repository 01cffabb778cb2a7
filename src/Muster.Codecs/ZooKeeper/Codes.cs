namespace Muster.Codecs.ZooKeeper;

/// <summary>What a request asks; ZooKeeper's numbers.</summary>
public enum ZooKeeperOperation
{
    /// <summary>Creates a node.</summary>
    Create = 1,

    /// <summary>Deletes a node.</summary>
    Delete = 2,

    /// <summary>Reads a node's facts, and may watch for its coming.</summary>
    Exists = 3,

    /// <summary>Reads a node's data.</summary>
    GetData = 4,

    /// <summary>Replaces a node's data.</summary>
    SetData = 5,

    /// <summary>Brings the connected server up to the leader.</summary>
    Sync = 9,

    /// <summary>Says that the session lives.</summary>
    Ping = 11,

    /// <summary>Names a node's children.</summary>
    GetChildren = 12,

    /// <summary>Requires a version; only inside <see cref="Multi"/>.</summary>
    Check = 13,

    /// <summary>Several writes, all or none.</summary>
    Multi = 14,

    /// <summary>Presents credentials.</summary>
    Auth = 100,

    /// <summary>Watches for longer than one event; servers from 3.6 on.</summary>
    AddWatch = 106,

    /// <summary>Ends the session.</summary>
    CloseSession = -11,
}

/// <summary>Why a server refused; ZooKeeper's numbers. Others may come and are shown as numbers.</summary>
public enum ZooKeeperError
{
    /// <summary>It did not refuse.</summary>
    None = 0,

    /// <summary>The server failed.</summary>
    SystemError = -1,

    /// <summary>In a multi: an operation before this one failed.</summary>
    RuntimeInconsistency = -2,

    /// <summary>The server could not read the request.</summary>
    MarshallingError = -5,

    /// <summary>The server is too old for the request.</summary>
    Unimplemented = -6,

    /// <summary>The server gave up waiting.</summary>
    OperationTimeout = -7,

    /// <summary>Malformed arguments.</summary>
    BadArguments = -8,

    /// <summary>No such node.</summary>
    NoNode = -101,

    /// <summary>The credentials do not allow it.</summary>
    NoAuth = -102,

    /// <summary>The node has another version.</summary>
    BadVersion = -103,

    /// <summary>There is such a node already.</summary>
    NodeExists = -110,

    /// <summary>The node has children.</summary>
    NotEmpty = -111,

    /// <summary>The session has ended.</summary>
    SessionExpired = -112,

    /// <summary>The access list is empty or malformed.</summary>
    InvalidAcl = -114,

    /// <summary>The credentials were refused.</summary>
    AuthFailed = -115,

    /// <summary>The session has moved to another server.</summary>
    SessionMoved = -118,

    /// <summary>The server limits requests.</summary>
    Throttled = -127,
}

/// <summary>What happened to a watched node.</summary>
public enum ZooKeeperEvent
{
    /// <summary>Nothing: the session's state changed.</summary>
    None = -1,

    /// <summary>The node came into being.</summary>
    Created = 1,

    /// <summary>The node is gone.</summary>
    Deleted = 2,

    /// <summary>Its data changed.</summary>
    DataChanged = 3,

    /// <summary>A child came or went.</summary>
    ChildrenChanged = 4,
}
