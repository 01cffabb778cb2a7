using Muster.Primitives;

namespace Muster.Serving.Tests;

/// <summary>The checker of the kills finds what it looks for.</summary>
public sealed class AcknowledgedTests
{
    [Fact]
    public void A_store_that_holds_what_it_acknowledged_has_no_fault()
    {
        Assert.Empty(Told().Faults(Held(Key("a", 2), Key("b", 3), Key("unknown-outcome", 4))));
    }

    [Fact]
    public void A_lost_write_is_found()
    {
        Assert.Contains("a, acknowledged at 2, is lost", Told().Faults(Held(Key("b", 3))));
    }

    [Fact]
    public void A_revision_used_twice_is_found()
    {
        Assert.Contains(Told().Faults(Held(Key("a", 2), Key("b", 3), Key("unknown-outcome", 3))), fault => fault.Contains("revision 3 was used for", StringComparison.Ordinal));
    }

    [Fact]
    public void A_write_at_another_revision_is_found()
    {
        Assert.Contains(Told().Faults(Held(Key("a", 5), Key("b", 3))), fault => fault.Contains("is there at 5", StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_that_nobody_sent_is_found()
    {
        Assert.Contains("x was never sent", Told().Faults(Held(Key("a", 2), Key("b", 3), Key("x", 4))));
    }

    private static Acknowledged Told()
    {
        var told = new Acknowledged();
        foreach (var key in (string[])["a", "b", "unknown-outcome"])
            told.Sent(key);
        told.Add("a", new(2));
        told.Add("b", new(3));
        return told;
    }

    private static OperationResult.Range Held(params KeyValue[] keys) => new([.. keys], More: false, keys.Length, new(9));

    private static KeyValue Key(string key, long at) => new(ByteString.From(key), ByteString.From(key), new(at), new(at), new(1), default);
}
