using System.Collections.Immutable;
using System.Text;
using Muster.Runtime;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Tests;

public sealed class ProcessTests : IProcessEvents
{
    private const int Terminate = 15, Kill = 9;

    private readonly List<string> _told = [];
    private readonly SimulatedWorld _world = new(1);

    public ProcessTests()
    {
        _world.AddHost("a");
        _world.Programs["steps"] = async process =>
        {
            for (var i = 0; i < 3; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), process.Time);
                process.Write(Encoding.ASCII.GetBytes($"step {i}"));
            }

            return 7;
        };
        _world.Programs["forever"] = async process =>
        {
            await process.Never;
            return 0;
        };
        _world.Programs["polite"] = async process =>
        {
            var asked = new TaskCompletionSource();
            process.OnSignal(Terminate, asked.SetResult);
            await asked.Task;
            process.Write("bye"u8.ToArray());
            return 3;
        };
        _world.Programs["cat"] = async process =>
        {
            while (await process.Input.WaitToReadAsync())
                while (process.Input.TryRead(out var bytes))
                    process.Write(bytes);
            return 0;
        };
    }

    [Fact]
    public void A_child_tells_its_output_and_then_its_exit_code()
    {
        Parent(processes => processes.Start(Command("steps"), this));

        _world.RunFor(TimeSpan.FromSeconds(10));

        Assert.Equal(["step 0", "step 1", "step 2", "exit code 7"], _told);
    }

    [Fact]
    public void A_signal_ends_a_process_unless_it_handles_it_and_kill_always_does()
    {
        Parent(processes =>
        {
            processes.SignalGroup(processes.Start(Command("forever"), this), Terminate);
            var polite = processes.Start(Command("polite"), this);
            _world.After(TimeSpan.FromSeconds(1), () => processes.Signal(polite, Terminate));
            var killed = processes.Start(Command("polite"), this);
            _world.After(TimeSpan.FromSeconds(2), () => processes.Signal(killed, Kill));
        });

        _world.RunFor(TimeSpan.FromSeconds(10));

        Assert.Equal(["signal 15", "bye", "exit code 3", "signal 9"], _told);
    }

    [Fact]
    public void Children_die_with_their_parent_and_detached_ones_do_not()
    {
        var parent = Parent(processes =>
        {
            processes.Start(Command("forever", "MUSTER_KEEPER"), this);
            processes.Start(Command("forever", "MUSTER_JOB") with { Detached = true }, this);
        });
        _world.RunFor(TimeSpan.FromSeconds(1));
        var before = parent.Processes.ListTagged();

        parent.Kill();
        _world.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal([parent.Id.Pid, parent.Id.Pid], before.Select(process => process.Parent));
        var left = Assert.Single(_world.Hosts["a"].Start("other", _world.Programs["forever"]).Processes.ListTagged());
        Assert.Equal((1, "MUSTER_JOB"), (left.Parent, left.Tags.Keys.Single()));
        Assert.Empty(_told);   // nobody is left to be told
    }

    [Fact]
    public void Input_is_delivered_and_ends()
    {
        Parent(processes =>
        {
            var cat = processes.Start(Command("cat") with { KeepInput = true }, this);
            Assert.True(processes.WriteInput(cat, "meow"u8.ToArray(), close: true));
            Assert.False(processes.WriteInput(processes.Start(Command("cat"), this), "x"u8.ToArray(), close: false));
        });

        _world.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(["meow", "exit code 0"], _told);
    }

    [Fact]
    public void A_program_that_is_missing_or_refused_cannot_be_started()
    {
        _world.Hosts["a"].Table.RefuseStart = start => start.Command.Length > 1 ? "no room" : null;
        Parent(processes =>
        {
            Assert.Throws<ProcessStartException>(() => processes.Start(Command("absent"), this));
            Assert.Contains("no room", Assert.Throws<ProcessStartException>(
                () => processes.Start(Command("steps") with { Command = ["steps", "-x"] }, this)).Message, StringComparison.Ordinal);
        });

        _world.RunFor(TimeSpan.FromSeconds(1));

        Assert.Single(_world.Hosts["a"].Table.Living);
    }

    [Fact]
    public void Output_goes_to_a_file_when_asked()
    {
        Parent(processes => processes.Start(Command("steps") with { OutputFile = "/log" }, this));

        _world.RunFor(TimeSpan.FromSeconds(10));

        Assert.Equal("step 0step 1step 2", Encoding.ASCII.GetString([.. _world.Hosts["a"].Table.OutputFiles["/log"]]));
        Assert.Equal(["exit code 7"], _told);
    }

    void IProcessEvents.Output(ProcessId process, ReadOnlyMemory<byte> bytes) => _told.Add(Encoding.ASCII.GetString(bytes.Span));

    void IProcessEvents.Exited(ProcessId process, ExitStatus status) => _told.Add(status.ToString());

    private SimulatedProcess Parent(Action<IProcesses> act) => _world.Hosts["a"].Start("parent", async process =>
    {
        act(process.Processes);
        await process.Never;
        return 0;
    });

    private static ProcessStart Command(string program, string? tag = null) => new()
    {
        Command = [program],
        WorkingDirectory = "/",
        Environment = tag is null ? ImmutableSortedDictionary<string, string>.Empty : ImmutableSortedDictionary<string, string>.Empty.Add(tag, "1"),
    };
}
