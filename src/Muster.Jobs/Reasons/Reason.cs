using System.Text;
using Muster.Primitives;

namespace Muster.Jobs.Reasons;

/// <summary>A typed reason with what it is about; stored, shown and compared.</summary>
/// <param name="Kind">Why.</param>
public sealed record Reason(ReasonKind Kind)
{
    /// <summary>The rank it is about; null: none.</summary>
    public Rank? Rank { get; init; }

    /// <summary>The host it is about; null: none.</summary>
    public NodeId? Node { get; init; }

    /// <summary>Steps done, as far as known; null: unknown.</summary>
    public TrainingStep? Step { get; init; }

    /// <summary>Exit code of the rank; 0 when a signal ended it or it is not about an exit.</summary>
    public int Code { get; init; }

    /// <summary>Signal that ended the rank; 0: none.</summary>
    public int Signal { get; init; }

    /// <summary>What else is known, for people; null: nothing.</summary>
    public string? Detail { get; init; }

    /// <summary>The kind in lower case with hyphens, such as rank-exited.</summary>
    public string Name => ReasonNames.Of(Kind);

    /// <summary>Whether the failure counts against the restart budget.</summary>
    public bool IsCharged =>
        Kind is ReasonKind.RankExited or ReasonKind.RankHung or ReasonKind.StartTimeout or ReasonKind.NodeRefused
            or ReasonKind.ResultNotSaved;

    /// <summary>One sentence for people, without its full stop.</summary>
    public string Text => ReasonTexts.Of(this);
}

/// <summary>Names of reasons as they are stored and shown.</summary>
public static class ReasonNames
{
    /// <summary>A kind in lower case with hyphens.</summary>
    public static string Of(ReasonKind kind)
    {
        var name = new StringBuilder();
        foreach (var letter in kind.ToString())
        {
            if (char.IsUpper(letter) && name.Length > 0)
                name.Append('-');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
