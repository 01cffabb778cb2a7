namespace Muster.Samples.Charlm;

/// <summary>Something outside the program is not as it must be; the message says what, where, and what to do.</summary>
internal sealed class CharlmException(string message) : Exception(message);
