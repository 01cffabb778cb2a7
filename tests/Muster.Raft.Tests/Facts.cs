using System.Text;

namespace Muster.Raft.Tests;

/// <summary>What is true of members, in the words of scenario files.</summary>
internal static class Facts
{
    public static string Content(LogEntry entry) =>
        entry.Change is { } change ? $"[{change}]" : entry.Data.IsEmpty ? "-" : Encoding.UTF8.GetString(entry.Data.Span);

    public static string Of(ulong id, RaftCore? core)
    {
        if (core is null)
            return $"{id}: down";
        var log = Enumerable.Range(1, (int)core.Last.Index.Number).Select(at => new LogIndex(at))
            .Where(at => at > core.Compacted.Index).Select(at => $"{core.TermAt(at)}:{Content(core.State.Log[at])}");
        var leader = core.Leader.IsSome ? $" of {core.Leader}" : "";
        return $"{id}: {core.Role.ToString().ToLowerInvariant()}{(core.Role == Role.Leader ? "" : leader)} term {core.Term}"
            + $" log [{string.Join(' ', log)}] decided {core.Committed}";
    }

    public static string Of(MemberStatus member) =>
        $"{member.Member}: {member.Phase.ToString().ToLowerInvariant()} match {member.Match} next {member.Next}"
        + (member.IsLearner ? " learner" : "") + (member.IsPaused ? " paused" : "")
        + (member.PendingSnapshot > LogIndex.None ? $" snapshot {member.PendingSnapshot}" : "");

    public static string Of(StepOutcome outcome) => outcome switch
    {
        StepOutcome.Taken => "taken",
        StepOutcome.Appended { RefusedChange: { } why } => $"appended as nothing: {why}",
        StepOutcome.Appended appended => $"appended at {appended.Last}",
        StepOutcome.Forwarded forwarded => $"passed on to {forwarded.Leader}",
        StepOutcome.Dropped dropped => $"dropped: {dropped.Reason}",
        _ => outcome.ToString(),
    };
}
