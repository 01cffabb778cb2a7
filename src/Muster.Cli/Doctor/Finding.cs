namespace Muster.Cli.Doctor;

/// <summary>A verdict.</summary>
internal enum Verdict
{
    Ok,
    Warning,
    Bad,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Subject">Such as disk or clock.</param>
/// <param name="Verdict">How it is.</param>
/// <param name="Found">What was measured or seen.</param>
/// <param name="Advice">What to do; null when there is nothing to do.</param>
internal sealed record Finding(string Subject, Verdict Verdict, string Found, string? Advice = null);
