using Muster.Worker.Reports;

namespace Muster.Worker.Tests.Keeper;

public sealed class ReportRingTests
{
    [Fact]
    public void When_it_is_full_the_oldest_report_goes_whole()
    {
        var ring = new ReportRing(5);
        ring.Add(1, [("a", 1), ("b", 1)]);
        ring.Add(2, [("a", 2), ("b", 2)]);
        ring.Add(3, [("a", 3), ("b", 3)]);
        var values = new MetricValue[5];

        var count = ring.Drain(values);

        Assert.Equal((4, 1), (count, ring.Dropped));
        Assert.Equal([2, 2, 3, 3], values.Take(count).Select(value => value.Step));
    }

    [Fact]
    public void A_report_larger_than_the_ring_is_refused()
    {
        var ring = new ReportRing(1);

        Assert.Throws<ArgumentException>(() => ring.Add(1, [("a", 1), ("b", 1)]));
    }

    [Fact]
    public void What_was_drained_is_gone()
    {
        var ring = new ReportRing(4);
        var values = new MetricValue[1];
        for (var step = 0; step < 10; step++)
        {
            ring.Add(step, [("a", step)]);
            Assert.Equal((1, step), (ring.Drain(values), (int)values[0].Step));
        }

        Assert.Equal(0, ring.Drain(values));
    }
}
