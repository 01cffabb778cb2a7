namespace Muster.Jobs.Reasons;

/// <summary>One sentence for each reason.</summary>
internal static class ReasonTexts
{
    public static string Of(Reason reason) => reason.Kind switch
    {
        ReasonKind.RankExited => $"{Subject(reason)} {Ending(reason)}{At(reason)}{Detail(reason)}",
        ReasonKind.RankHung => $"{Subject(reason)} made no step for too long{At(reason)}{Detail(reason)}",
        ReasonKind.StartTimeout => $"{Subject(reason)} did not start in time{Detail(reason)}",
        ReasonKind.NodeRefused => $"{Host(reason)} cannot run it{Detail(reason)}",
        ReasonKind.RankStoppedByNode => $"{Host(reason)} ended rank {reason.Rank} by itself{At(reason)}{Detail(reason)}",
        ReasonKind.KeeperLost => $"the keeper on {Host(reason)} ended and its ranks with it{At(reason)}",
        ReasonKind.NodeLost => $"{Host(reason)} is lost: its lease ended{At(reason)}",
        ReasonKind.NodeForgot => $"{Host(reason)} no longer knows the generation it had started{At(reason)}",
        ReasonKind.CheckpointDamaged => $"checkpoint {reason.Step} is damaged{Detail(reason)}",
        ReasonKind.RestoreFailed => $"checkpoint {reason.Step} could not be loaded{Detail(reason)}",
        ReasonKind.NotSaved => $"{Subject(reason)} could not save: {reason.Detail}",
        ReasonKind.ResultNotSaved => $"every rank exited with 0, and {Subject(reason)} could not save the result: {reason.Detail}",
        ReasonKind.RuntimeExceeded => $"it ran for as long as maxRuntime allows{Detail(reason)}",
        ReasonKind.BudgetSpent => $"every charged restart is used up{Detail(reason)}",
        ReasonKind.NoRoom or ReasonKind.Settling or ReasonKind.BackingOff or ReasonKind.OlderStillRuns => reason.Detail ?? Fixed(reason.Kind),
        _ => Fixed(reason.Kind) + Detail(reason),
    };

    private static string Fixed(ReasonKind kind) => kind switch
    {
        ReasonKind.Submitted => "submitted",
        ReasonKind.Resumed => "resumed by a person",
        ReasonKind.Again => "run again by a person",
        ReasonKind.Formed => "a generation was formed and its ranks are being started",
        ReasonKind.Started => "every rank was started",
        ReasonKind.Superseded => "a node knows a newer generation than the store, which was restored from an older copy",
        ReasonKind.SpecificationChanged => "a changed specification or program was accepted",
        ReasonKind.StopRequested => "a person asked to stop",
        ReasonKind.CancelRequested => "a person cancelled it",
        ReasonKind.AllExitedWell => "every rank exited with 0",
        ReasonKind.NothingRestores => "there are committed checkpoints and none can be restored; all are kept",
        ReasonKind.NoRoom => "no node has room",
        ReasonKind.OlderStillRuns => "ranks of an older generation still run",
        ReasonKind.BackingOff => "it waits before the next start",
        ReasonKind.Settling => "it waits for more nodes",
        ReasonKind.Committing => "a written checkpoint is being committed",
        ReasonKind.NodeUnheard => "a node has not yet reported to this coordinator",
        ReasonKind.BudgetReset => "it ran undisturbed for long enough, so earlier failures no longer count",
        _ => ReasonNames.Of(kind),
    };

    private static string Subject(Reason reason) =>
        reason.Rank is { } rank ? $"rank {rank}" + (reason.Node is { } node ? $" on {node}" : "") : Host(reason);

    private static string Host(Reason reason) => reason.Node is { } node ? $"node {node}" : "a node";

    private static string Ending(Reason reason) =>
        reason.Signal != 0 ? $"was ended by signal {reason.Signal}" : $"exited with {reason.Code}";

    private static string At(Reason reason) => reason.Step is { } step ? $" at step {step}" : "";

    private static string Detail(Reason reason) => string.IsNullOrEmpty(reason.Detail) ? "" : $": {reason.Detail}";
}
