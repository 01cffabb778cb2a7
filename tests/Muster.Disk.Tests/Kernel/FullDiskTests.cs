using Muster.Codecs.Log;
using Muster.Disk.Log;
using Muster.Disk.Posix;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Disk.Tests.Kernel;

public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_disk_without_room_refuses_as_full()
    {
        File.CreateSymbolicLink(_directory.At("full"), "/dev/full");
        using var file = await _directory.Volume.OpenAsync("full", VolumeOpen.Existing);

        var small = await Assert.ThrowsAsync<VolumeException>(async () => await file.WriteAsync(0, new byte[100]));
        var large = await Assert.ThrowsAsync<VolumeException>(async () => await file.WriteAsync(0, new byte[1 << 20]));

        Assert.All([small, large], error => Assert.Equal(VolumeError.Full, error.Error));
        Assert.Contains("free space", small.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_on_a_disk_that_fills_up_keeps_what_it_acknowledged_and_goes_on_after_a_restart_with_room()
    {
        var mount = _directory.At("small");
        Directory.CreateDirectory(mount);
        if (Programs.Run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount]).ExitCode != 0)
            Assert.Skip("mounting a small file system takes root; the other test covers ENOSPC from /dev/full");
        try
        {
            await FillAndRestartAsync(mount);
        }
        finally
        {
            Programs.Run(["umount", "-l", mount]);
        }
    }

    private static async Task FillAndRestartAsync(string mount)
    {
        using var volume = new PosixVolume(mount);
        var acknowledged = 0L;
        using (var log = await OpenAsync(volume, _ => { }))
        {
            var error = await Assert.ThrowsAsync<VolumeException>(async () =>
            {
                while (true)
                    acknowledged = (await log.AppendAsync(new byte[5000])).Value;
            });
            Assert.Equal(VolumeError.Full, error.Error);
            await Assert.ThrowsAsync<VolumeException>(() => log.AppendAsync(new byte[1]));
        }

        Assert.Equal(0, Programs.Run(["mount", "-o", "remount,size=2m", mount]).ExitCode);
        var recovered = 0L;
        using var again = await OpenAsync(volume, number => recovered = number.Value);
        await again.AppendAsync(new byte[5000]);

        Assert.True(acknowledged > 10);
        Assert.Equal(acknowledged, recovered);
        Assert.NotNull(again.Recovery.Cut);
    }

    private static Task<WriteAheadLog> OpenAsync(IVolume volume, Action<RecordNumber> replay) => WriteAheadLog.OpenAsync(
        volume, "log", RecordNumber.None, LogLimits.Default, new SeededRandom(1), (number, _) => replay(number));
}
