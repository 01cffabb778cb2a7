using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Disk;
using Muster.Simulation.Kernel;

namespace Muster.CrashPoints.Tests;

/// <summary>The simulated disk forgets what it may, and never what it may not.</summary>
public sealed class SimulatedDiskTests
{
    [Fact]
    public async Task A_synced_file_in_an_unsynced_directory_loses_its_name()
    {
        var disk = new SimulatedDisk();
        using var file = await disk.Mount().OpenAsync("a", VolumeOpen.CreateNew);
        await file.WriteAsync(0, new byte[] { 1 });
        await file.SyncAsync();

        Assert.Empty(disk.AfterPowerLoss(_ => false).Files());
        Assert.Equal([1], disk.AfterPowerLoss(_ => true).ReadAll("a"));
        await disk.Mount().SyncDirectoryAsync("");
        Assert.Equal([1], disk.AfterPowerLoss(_ => false).ReadAll("a"));
    }

    [Fact]
    public async Task Unsynced_sectors_survive_each_on_its_own_and_the_others_read_as_zero()
    {
        var disk = await WithFileAsync([]);
        using var file = await disk.Mount().OpenAsync("a", VolumeOpen.Existing);
        await file.WriteAsync(0, Enumerable.Repeat((byte)7, 1200).ToArray());
        Assert.Equal(["length 1200", "sector 0 (512 bytes)", "sector 1 (512 bytes)", "sector 2 (176 bytes)"], disk.DescribePending());

        var onlySecond = disk.AfterPowerLoss(index => index == 2).ReadAll("a");
        var onlyLength = disk.AfterPowerLoss(index => index == 0).ReadAll("a");

        Assert.Equal(1024, onlySecond.Length);
        Assert.True(onlySecond[..512].All(value => value == 0) && onlySecond[512..].All(value => value == 7));
        Assert.Equal(new byte[1200], onlyLength);
    }

    [Fact]
    public async Task A_rename_is_whole_or_not_and_waits_for_its_directory()
    {
        var disk = await WithFileAsync([1]);
        await disk.Mount().RenameAsync("a", "b");

        Assert.Equal(["a"], disk.AfterPowerLoss(_ => false).Files());
        Assert.Equal(["b"], disk.AfterPowerLoss(_ => true).Files());
        Assert.Equal(["b"], disk.Fork().Files());
    }

    [Fact]
    public async Task After_a_failed_sync_the_bytes_are_readable_called_clean_and_lost_unless_written_again()
    {
        var disk = await WithFileAsync([1]);
        var failing = disk.Mount(plan: new FailSyncOnce());
        using var file = await failing.OpenAsync("a", VolumeOpen.Existing);
        await file.WriteAsync(0, new byte[] { 2 });

        await Assert.ThrowsAsync<VolumeException>(async () => await file.SyncAsync());
        await file.SyncAsync();

        Assert.Equal([2], disk.ReadAll("a"));
        Assert.Equal([1], disk.AfterPowerLoss(_ => true).ReadAll("a"));
        await file.WriteAsync(0, new byte[] { 2 });
        await file.SyncAsync();
        Assert.Equal([2], disk.AfterPowerLoss(_ => false).ReadAll("a"));
    }

    [Fact]
    public async Task A_short_write_leaves_its_beginning()
    {
        var disk = await WithFileAsync([]);
        var volume = disk.Mount(plan: new Always(new DiskVerdict.ShortWrite(3, VolumeError.Full), "write"));
        using var file = await volume.OpenAsync("a", VolumeOpen.Existing);

        var error = await Assert.ThrowsAsync<VolumeException>(async () => await file.WriteAsync(0, new byte[] { 1, 2, 3, 4, 5 }));

        Assert.Equal(VolumeError.Full, error.Error);
        Assert.Equal([1, 2, 3], disk.ReadAll("a"));
    }

    [Fact]
    public async Task A_fork_goes_its_own_way()
    {
        var disk = await WithFileAsync([1]);
        var fork = disk.Fork();
        Assert.Equal(disk.Fingerprint(), fork.Fingerprint());

        fork.Overwrite("a", 0, [9]);

        Assert.Equal([1], disk.ReadAll("a"));
        Assert.NotEqual(disk.Fingerprint(), fork.Fingerprint());
    }

    [Fact]
    public async Task A_killed_process_waits_forever_and_changes_nothing()
    {
        var disk = await WithFileAsync([1]);
        var process = new KilledAtEffect(2);
        var volume = disk.Mount(process);
        using var file = await volume.OpenAsync("a", VolumeOpen.Existing);

        var write = file.WriteAsync(0, new byte[] { 2 });
        var read = file.ReadAsync(0, new byte[1]);

        Assert.False(write.IsCompleted || read.IsCompleted);
        Assert.Equal([1], disk.ReadAll("a"));
        Assert.Equal(["disk.open a", "disk.write a 1 at 0"], process.Effects);
    }

    [Fact]
    public async Task Seeded_faults_are_the_same_for_the_same_seed()
    {
        var first = await DrawAsync(5);
        var again = await DrawAsync(5);
        var other = await DrawAsync(6);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Contains("Device", first, StringComparison.Ordinal);
        Assert.Contains("Full", first, StringComparison.Ordinal);
    }

    private static async Task<string> DrawAsync(ulong seed)
    {
        var disk = await WithFileAsync([1]);
        var rates = new DiskFaultRates { Errors = 0.1, Full = 0.1, Denied = 0.1 };
        var volume = disk.Mount(plan: new SeededDiskFaults(new SeededRandom(seed), rates));
        var outcome = "";
        for (var i = 0; i < 50; i++)
        {
            try
            {
                using var file = await volume.OpenAsync("a", VolumeOpen.Existing);
                await file.WriteAsync(0, new byte[100]);
                outcome += "ok ";
            }
            catch (VolumeException error)
            {
                outcome += $"{error.Error} ";
            }
        }

        return outcome;
    }

    private static async Task<SimulatedDisk> WithFileAsync(byte[] content)
    {
        var disk = new SimulatedDisk();
        using (var file = await disk.Mount().OpenAsync("a", VolumeOpen.CreateNew))
            await file.WriteAsync(0, content);
        disk.Settle();
        return disk;
    }

    private sealed class FailSyncOnce : IDiskPlan
    {
        private bool _failed;

        public DiskVerdict Before(DiskCall call)
        {
            if (call.Operation != "sync" || _failed)
                return DiskVerdict.Proceed;
            _failed = true;
            return new DiskVerdict.Failure(VolumeError.Device);
        }
    }

    private sealed class Always(DiskVerdict verdict, string operation) : IDiskPlan
    {
        public DiskVerdict Before(DiskCall call) => call.Operation == operation ? verdict : DiskVerdict.Proceed;
    }

    private sealed class KilledAtEffect(int effect) : ICrashPoint
    {
        public List<string> Effects { get; } = [];

        public string Process => "test#1";

        public bool IsDead => Effects.Count >= effect;

        public Task Never { get; } = new TaskCompletionSource().Task;

        public TimeProvider Time => TimeProvider.System;

        public bool Effect(string what)
        {
            Effects.Add(what);
            return !IsDead;
        }

        public void Fact(string what) => Effects.Add(what);
    }
}
