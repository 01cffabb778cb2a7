namespace Muster.Raft.Tests;

public class InflightWindowTests
{
    [Fact]
    public void A_window_is_full_by_messages_or_by_bytes_and_frees_what_was_acknowledged()
    {
        var window = new InflightWindow(messagesMax: 20, bytesMax: 100);

        for (var i = 1; i <= 9; i++)
            window.Add(new(i * 10), 10);

        Assert.False(window.IsFull);
        window.Add(new(100), 10);
        Assert.True(window.IsFull);
        window.FreeTo(new(45));
        Assert.Equal(6, window.Count);
        Assert.False(window.IsFull);
        for (var i = 11; i <= 24; i++)
            window.Add(new(i * 10), 0);
        Assert.True(window.IsFull);
        window.FreeTo(new(1000));
        Assert.Equal(0, window.Count);
    }
}
