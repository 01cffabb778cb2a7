namespace Muster.Stores;

/// <summary>Asking an engine for history.</summary>
public static class StoreHistory
{
    /// <summary>The same store with its history: old revisions, and every event once.</summary>
    /// <exception cref="StoreWithoutHistoryException">This engine keeps none.</exception>
    public static IVersionedStore WithHistory(this IStore store) =>
        store as IVersionedStore ?? throw new StoreWithoutHistoryException(store?.GetType().Name.Replace("Store", "", StringComparison.Ordinal) ?? "null");
}

/// <summary>An engine was asked for what it does not keep.</summary>
/// <param name="engine">Which.</param>
public sealed class StoreWithoutHistoryException(string engine) : Exception(
    $"the {engine} engine keeps no history: it cannot read old revisions, nor tell every event once; use the embedded engine or etcd")
{
    /// <summary>Which.</summary>
    public string Engine { get; } = engine;
}
