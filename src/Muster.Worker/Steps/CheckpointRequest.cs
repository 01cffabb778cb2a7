namespace Muster.Worker.Steps;

/// <summary>Where a checkpoint on demand stands, as the coordinator sees it.</summary>
internal enum RequestState
{
    /// <summary>Ranks are asked whether they can stop at its step.</summary>
    Proposed,

    /// <summary>Every rank promised: every rank saves at its step.</summary>
    Confirmed,

    /// <summary>Some rank was past its step already: nobody saves for it.</summary>
    Cancelled,
}

/// <summary>A checkpoint on demand: which step, and whether the program ends after it.</summary>
internal sealed record CheckpointRequest(long Id, long Step, bool Ends, RequestState State);

/// <summary>What a rank says to a proposal; said once per id, and repeated unchanged where it may have been lost.</summary>
internal abstract record Answer(long Id, long Done)
{
    /// <summary>This rank has done fewer steps and waits at the proposed one.</summary>
    internal sealed record Promise(long Id, long Done) : Answer(Id, Done);

    /// <summary>This rank will not stand at the proposed step: it is past it, or its loop ends before.</summary>
    internal sealed record Refuse(long Id, long Done) : Answer(Id, Done);
}

/// <summary>What the loop does where a step ends.</summary>
internal enum Turn
{
    /// <summary>Nothing is due: train on.</summary>
    Go,

    /// <summary>A checkpoint of the step just done is due.</summary>
    Save,

    /// <summary>Promised, and neither confirmed nor given up: stand still until a wish says which.</summary>
    Wait,

    /// <summary>The loop is over.</summary>
    End,
}
