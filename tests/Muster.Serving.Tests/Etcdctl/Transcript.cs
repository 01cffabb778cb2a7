using System.Text.RegularExpressions;

namespace Muster.Serving.Tests;

/// <summary>Takes out of an output what two servers cannot have alike, and nothing else.</summary>
/// <remarks>
/// Ids of cluster, member and lease (drawn by chance; each lease keeps one name throughout), the election's term, the endpoint, seconds
/// that remain of a lease, times that a command took, and, of a status only: version, sizes and indexes of the log; of a digest: the digest.
/// </remarks>
internal sealed partial class Transcript(string endpoint)
{
    private readonly List<string> _leases = [];

    /// <summary>An argument with <c>$1</c> replaced by the first lease granted.</summary>
    public string Filled(string word) => LeaseName().Replace(word, match => _leases[int.Parse(match.Groups[1].Value) - 1]);

    public string Normal(string output, string command)
    {
        foreach (Match match in Granted().Matches(output))
            Learn(match.Groups[1].Value);
        foreach (Match match in LeaseInKey().Matches(output))
            Learn(match.Groups[1].Value);
        var text = output.Replace(endpoint, "ENDPOINT", StringComparison.Ordinal);
        for (var i = 0; i < _leases.Count; i++)
        {
            text = text.Replace(_leases[i], $"LEASE{i + 1}", StringComparison.Ordinal)
                .Replace(Convert.ToInt64(_leases[i], 16).ToString(), $"LEASE{i + 1}", StringComparison.Ordinal);
        }

        text = Ids().Replace(text, "\"$1\":ID");
        text = IdFields().Replace(text, "\"$1\" : ID");
        text = Remaining().Replace(text, "remaining(SECONDS)");
        text = RemainingJson().Replace(text, "\"ttl\":SECONDS");
        text = Took().Replace(text, "took = TIME");
        text = RetryLine().Replace(text, "");
        if (command.Contains("status", StringComparison.Ordinal))
            text = StatusNumbers().Replace(text, "\"$1\":DIFFERENT");
        if (command.Contains("hashkv", StringComparison.Ordinal))
            text = Digest().Replace(text, "ENDPOINT, DIGEST");
        if (command.Contains("member list", StringComparison.Ordinal))
            text = PeersInJson().Replace(PeersInText().Replace(Member().Replace(text, "MEMBER, "), "started, $1, PEERS, http:"), "");
        return text;
    }

    private void Learn(string lease)
    {
        if (!_leases.Contains(lease))
            _leases.Add(lease);
    }

    [GeneratedRegex(@"\$(\d)")]
    private static partial Regex LeaseName();

    [GeneratedRegex(@"lease ([0-9a-f]{8,16}) granted")]
    private static partial Regex Granted();

    [GeneratedRegex(@"^[a-z]+/([0-9a-f]{12,16})$", RegexOptions.Multiline)]
    private static partial Regex LeaseInKey();

    [GeneratedRegex("\"(cluster_id|member_id|raft_term|ID)\":\\d+")]
    private static partial Regex Ids();

    [GeneratedRegex(@"remaining\(\d+s\)")]
    private static partial Regex Remaining();

    [GeneratedRegex("\"ttl\":\\d+")]
    private static partial Regex RemainingJson();

    [GeneratedRegex(@"took = [0-9.]+(ms|µs|s)")]
    private static partial Regex Took();

    // What the Go client logs about its own doing, with times and addresses in it; what it is about comes in lines of its own.
    [GeneratedRegex("^! \\{\"level\":\"(warn|info)\".*\\n", RegexOptions.Multiline)]
    private static partial Regex RetryLine();

    [GeneratedRegex("\"(version|dbSize|dbSizeInUse|leader|raftIndex|raftTerm|raftAppliedIndex)\":(\"[^\"]*\"|\\d+)")]
    private static partial Regex StatusNumbers();

    [GeneratedRegex(@"ENDPOINT, \d+")]
    private static partial Regex Digest();

    [GeneratedRegex("^[0-9a-f]{8,16}, ", RegexOptions.Multiline)]
    private static partial Regex Member();

    // One server that keeps its own store has no peers.
    [GeneratedRegex("started, ([^,]*), [^,]*, http:")]
    private static partial Regex PeersInText();

    [GeneratedRegex("\"peerURLs\":\\[[^\\]]*\\],")]
    private static partial Regex PeersInJson();

    [GeneratedRegex("\"(ClusterID|MemberID|RaftTerm)\" : \\d+")]
    private static partial Regex IdFields();
}
