namespace Muster.Codecs.Tests.Keyspace;

public sealed class VerdictTests
{
    private const int TooMuch = 64 * 1024;

    [Fact]
    public void What_is_made_once_per_process_is_nobodys_input()
    {
        byte[]? table = null;
        byte[] Decode(byte[] bytes)
        {
            table ??= new byte[TooMuch];
            return bytes;
        }

        Assert.True(Verdict.Of([1, 2, 3], Decode, bytes => bytes));

        Assert.NotNull(table);
    }

    [Fact]
    public void What_an_input_makes_every_time_is_its_own()
    {
        var made = new List<byte[]>();
        byte[] Decode(byte[] bytes)
        {
            made.Add(new byte[TooMuch]);
            return bytes;
        }

        Assert.ThrowsAny<Exception>(() => Verdict.Of([1, 2, 3], Decode, bytes => bytes));
    }
}
