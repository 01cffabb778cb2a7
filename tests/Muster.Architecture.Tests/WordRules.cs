using System.Text.RegularExpressions;

namespace Muster.Architecture.Tests;

/// <summary>What may be named where.</summary>
internal static partial class WordRules
{
    // A training program links Muster.Worker and nothing below it, so it has its own way to sync and to reach its peers.
    private static readonly string[] MaySync = ["Muster.Disk", "Muster.Worker"];
    private static readonly string[] MayOpenSockets = ["Muster.Network", "Muster.Network.Http", "Muster.Worker"];
    private static readonly string[] HoldLoops = ["Muster.Runtime", "Muster.Stores", "Muster.Coordination", "Muster.Server", "Muster.Agent"];

    /// <summary>Only one project syncs, and only one opens sockets.</summary>
    public static IEnumerable<string> CheckOwners(TreeFile file)
    {
        if (!MaySync.Contains(file.Project) && Sync().Match(file.Text) is { Success: true } sync)
            yield return $"{file.Path} names {sync.Value}: only Muster.Disk syncs";
        if (!MayOpenSockets.Contains(file.Project) && Sockets().Match(file.Code) is { Success: true } socket)
            yield return $"{file.Path} names {socket.Value}: only Muster.Network opens sockets";
    }

    /// <summary>What leaves a loop's context, or its time, cannot be replayed.</summary>
    public static IEnumerable<string> CheckLoops(TreeFile file)
    {
        if (!HoldLoops.Contains(file.Project) || IsProductionOnly(file))
            yield break;
        foreach (Match match in LeavesTheLoop().Matches(file.Code))
            yield return $"{file.Path}:{LineOf(file.Code, match.Index)} uses {match.Value.Trim()}: a loop stays on its context";
        foreach (Match match in WithoutTime().Matches(file.Code))
            yield return $"{file.Path}:{LineOf(file.Code, match.Index)} uses {match.Value.Trim()}…: a delay takes the loop's TimeProvider " +
                $"(a file that never runs in simulation says why in a comment '{ProductionOnly} …')";
    }

    /// <summary>Words of the place where the text was written say nothing to its readers.</summary>
    public static IEnumerable<string> CheckWords(TreeFile file)
    {
        foreach (var word in ForeignWords)
            if (file.Text.Contains(word, StringComparison.OrdinalIgnoreCase))
                yield return $"{file.Path} names '{word}': the project speaks of itself alone";
    }

    /// <summary>A document that is named exists.</summary>
    public static IEnumerable<string> CheckDocuments(TreeFile file, Func<string, bool> exists) =>
        DocumentName().Matches(file.Text).Select(match => match.Value).Where(name => !exists(name))
            .Select(name => $"{file.Path} names {name}, which does not exist");

    /// <summary>How a file says that it implements a seam for production and never runs in simulation; the reason follows.</summary>
    private const string ProductionOnly = "// production seam:";

    private static bool IsProductionOnly(TreeFile file) => file.Text.Contains(ProductionOnly, StringComparison.Ordinal);

    private static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    /// <summary>Kept in ROT13, so that this file passes its own rule.</summary>
    private static IReadOnlyList<string> ForeignWords { get; } =
    [
        .. new[] { "/jbex/", "OEVRS.zq", "pynhqr", "naguebcvp", "punggcg", "fglyr/FGLYR", "funerq/fcrpf", "funerq/fglyr", "ERYVNOVYVGL.zq", "CNPXNTRF.zq", "NAPUBEF.zq" }
            .Select(Rot13),
    ];

    internal static string Rot13(string text) => string.Concat(text.Select(c => c switch
    {
        >= 'a' and <= 'z' => (char)('a' + ((c - 'a' + 13) % 26)),
        >= 'A' and <= 'Z' => (char)('A' + ((c - 'A' + 13) % 26)),
        _ => c,
    }));

    [GeneratedRegex(@"\b(fsync|fdatasync|sync_file_range|syncfs)\b")]
    private static partial Regex Sync();

    [GeneratedRegex(@"\b(System\.Net\.Sockets|new\s+(Socket|TcpListener|TcpClient|UdpClient|UnixDomainSocketEndPoint|HttpClient|HttpListener))\b")]
    private static partial Regex Sockets();

    [GeneratedRegex(@"\.ConfigureAwait\b|\bTask\.Run\b|\bReadAllAsync\b|\bSemaphoreSlim\b|\bawait\s+foreach\b|\bTask\.Factory\b|\bThreadPool\.|\bGuid\.NewGuid\b|\bnew\s+Random\b|\bDateTime(Offset)?\.UtcNow\b")]
    private static partial Regex LeavesTheLoop();

    [GeneratedRegex(@"\bTask\.Delay\((?:[^(),]|\([^()]*\))*\)|\bnew\s+CancellationTokenSource\((?:[^(),]|\([^()]*\))+\)|\bnew\s+PeriodicTimer\((?:[^(),]|\([^()]*\))+\)")]
    private static partial Regex WithoutTime();

    [GeneratedRegex(@"\bdocs/[\w./-]+\.md\b")]
    private static partial Regex DocumentName();
}
