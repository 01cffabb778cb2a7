namespace Muster.Scheduling;

/// <summary>What was given cannot be used: the text says what was wrong, where, and what to do.</summary>
public sealed class SchedulingInputException : Exception
{
    /// <summary>About an argument.</summary>
    public SchedulingInputException(string message) : base(message)
    {
    }

    /// <summary>About a place in a file. Line and column count from 1.</summary>
    public SchedulingInputException(string file, long line, long column, string message) : base($"{file}:{line}:{column}: {message}")
    {
    }
}
