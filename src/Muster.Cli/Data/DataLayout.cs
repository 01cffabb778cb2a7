using System.Security.Cryptography;
using System.Text;

namespace Muster.Cli.Data;

/// <summary>Where one job's run keeps its things; the whole of it can be deleted when nobody wants it any more.</summary>
internal sealed class DataLayout
{
    /// <summary>Longest path of a Unix socket, in bytes, less the longest name we append.</summary>
    private const int SocketDirectoryBytesMax = 107 - 48;

    public DataLayout(string directory)
    {
        Root = Path.GetFullPath(directory);
        Sockets = Encoding.UTF8.GetByteCount(Root) + 2 <= SocketDirectoryBytesMax
            ? Path.Combine(Root, "s")
            : Path.Combine(Path.GetTempPath(), $"muster-{Environment.UserName}", Hash(Root));
    }

    /// <summary>The data directory, absolute.</summary>
    public string Root { get; }

    /// <summary>The store's directory.</summary>
    public string Store => Path.Combine(Root, "store");

    /// <summary>The address of a rented store, for its owner only; missing where the store is embedded.</summary>
    public string StoreAddress => Path.Combine(Root, "store.address");

    /// <summary>The agent's directory.</summary>
    public string Agent => Path.Combine(Root, "agent");

    /// <summary>Where the job's keeper on this machine writes what ranks print.</summary>
    public string Output(string job) => Path.Combine(Agent, "keepers", job, "output");

    /// <summary>Default root of checkpoints.</summary>
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    /// <summary>What server and agent say when they cannot go on.</summary>
    public string Diagnostics => Path.Combine(Root, "muster.log");

    /// <summary>Directory of sockets; elsewhere when the data directory's path is too long for a socket.</summary>
    public string Sockets { get; }

    /// <summary>Where people's commands reach the server.</summary>
    public string ControlSocket => Path.Combine(Sockets, "control");

    /// <summary>Where agents reach the server.</summary>
    public string AgentSocket => Path.Combine(Sockets, "agents");

    /// <summary>The data directory of a job that was given none.</summary>
    public static DataLayout Default(string job) => new(Path.Combine(".muster", job));

    /// <summary>Every data directory below ./.muster, by name.</summary>
    public static IEnumerable<DataLayout> All() => Directory.Exists(".muster")
        ? Directory.GetDirectories(".muster").Order(StringComparer.Ordinal).Select(path => new DataLayout(path))
            .Where(layout => Directory.Exists(layout.Store))
        : [];

    public void CreateDirectories()
    {
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Sockets);
        File.SetUnixFileMode(Sockets, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
