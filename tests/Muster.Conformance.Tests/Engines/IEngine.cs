using Muster.Stores;

namespace Muster.Conformance.Tests;

/// <summary>An engine under test: a store that can be closed and opened again, and a way to let time pass.</summary>
internal interface IEngine : IDisposable
{
    IStore Store { get; }

    /// <summary>A lease's length that tests can wait for: long where time passes by itself and machines are slow.</summary>
    TimeSpan Term { get; }

    /// <summary>The time by which leases end.</summary>
    TimeSpan Now { get; }

    Task ReopenAsync();

    Task AdvanceAsync(TimeSpan time);
}
