namespace Muster.Scheduling.Simulating;

/// <summary>How a run ended.</summary>
public abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>One word, for tables.</summary>
    public abstract string Word { get; }

    /// <summary>What happened, for people.</summary>
    public abstract string Text { get; }

    /// <summary>Every job of the window is complete, or was given up.</summary>
    public sealed record Finished : Verdict
    {
        /// <inheritdoc/>
        public override string Word => "finished";

        /// <inheritdoc/>
        public override string Text => "every job of the window ended";
    }

    /// <summary>Jobs wait and none of those the run waits for advances.</summary>
    /// <param name="Reason">Which, and why.</param>
    public sealed record Stuck(string Reason) : Verdict
    {
        /// <inheritdoc/>
        public override string Word => "stuck";

        /// <inheritdoc/>
        public override string Text => Reason;
    }

    /// <summary>More work arrives than the cluster does: the backlog grows without bound.</summary>
    /// <param name="Reason">How far it had grown.</param>
    public sealed record Overloaded(string Reason) : Verdict
    {
        /// <inheritdoc/>
        public override string Word => "overloaded";

        /// <inheritdoc/>
        public override string Text => Reason;
    }
}
