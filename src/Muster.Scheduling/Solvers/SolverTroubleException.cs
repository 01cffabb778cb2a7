namespace Muster.Scheduling.Solvers;

/// <summary>A solver stopped without an answer it can vouch for; the text says at which size and with which error.</summary>
public sealed class SolverTroubleException(string message) : Exception(message);
