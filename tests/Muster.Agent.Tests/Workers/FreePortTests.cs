using System.Net;
using System.Net.Sockets;
using Muster.Agent.Workers;

namespace Muster.Agent.Tests.Workers;

public sealed class FreePortTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    public void A_port_on_which_another_program_listens_is_not_chosen(string address)
    {
        var seed = Environment.ProcessId;
        var first = new FreePort(seed).Find();
        using var other = Listen(IPAddress.Parse(address), first);

        var chosen = new FreePort(seed).Find();

        Assert.NotEqual(first, chosen);
        Assert.InRange(chosen, 20_000, 31_999);
    }

    [Fact]
    public void The_next_generation_gets_another_port_though_nobody_took_the_last_one()
    {
        // A program that took it between the choice and rank 0's bind costs one restart, not every one.
        var ports = new FreePort(Environment.ProcessId);

        Assert.NotEqual(ports.Find(), ports.Find());
    }

    private static Socket Listen(IPAddress address, int port)
    {
        Assert.SkipWhen(address.AddressFamily == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6, "this host has no IPv6");
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen();
        return socket;
    }
}
