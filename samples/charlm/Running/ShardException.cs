namespace Muster.Samples.Charlm.Running;

/// <summary>A checkpoint does not load. Under Muster nobody catches it: dying of it before the first step is what tells the keeper.</summary>
internal sealed class ShardException(string message) : Exception(message);
