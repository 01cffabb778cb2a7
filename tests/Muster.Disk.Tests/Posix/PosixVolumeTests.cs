using Muster.Disk.Posix;
using Muster.Runtime;

namespace Muster.Disk.Tests.Posix;

public sealed class PosixVolumeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private PosixVolume Volume => _directory.Volume;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_was_written_is_read_at_its_offset_small_and_large()
    {
        using var file = await Volume.OpenAsync("file", VolumeOpen.CreateNew);
        var large = Enumerable.Range(0, 1 << 20).Select(i => (byte)(i * 7)).ToArray();

        await file.WriteAsync(10, new byte[] { 1, 2, 3 });
        await file.WriteAsync(100, large);
        await file.SyncAsync();
        var small = new byte[3];
        var back = new byte[large.Length];

        Assert.Equal(3, await file.ReadAsync(10, small));
        Assert.Equal([1, 2, 3], small);
        Assert.Equal(large.Length, await file.ReadAsync(100, back));
        Assert.Equal(large, back);
        Assert.Equal(100 + large.Length, file.Length);
        Assert.Equal(0, await file.ReadAsync(file.Length, small));
        await file.SetLengthAsync(11);
        Assert.Equal(1, await file.ReadAsync(10, small));
    }

    [Theory]
    [InlineData(0, 0)]          // whole pages: directly
    [InlineData(0, 4097)]       // a piece that ends inside a page
    [InlineData(1, 8192)]       // memory that begins inside a page
    [InlineData(0, 1)]
    public async Task A_streamed_file_has_the_bytes_whatever_pieces_it_was_written_in(int skipped, int odd)
    {
        var memory = GC.AllocateUninitializedArray<byte>(1 << 20, pinned: true);
        new Random(odd).NextBytes(memory);
        var page = (int)(-System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0) & 4095);
        var pieces = new[] { memory.AsMemory(page + skipped, 256 * 1024), memory.AsMemory(page + skipped, odd), memory.AsMemory(page, 512 * 1024) };

        using (var file = await Volume.OpenAsync("file", VolumeOpen.CreateStreamed))
        {
            var offset = 0L;
            foreach (var piece in pieces)
            {
                await file.WriteAsync(offset, piece);
                await file.BeginWritebackAsync(offset, piece.Length);
                offset += piece.Length;
            }

            await file.SyncAsync();
        }

        Assert.Equal(pieces.SelectMany(piece => piece.ToArray()), File.ReadAllBytes($"{_directory.Path}/file"));
        await RequireAsync(VolumeError.Exists, async () => await Volume.OpenAsync("file", VolumeOpen.CreateStreamed));
    }

    [Fact]
    public async Task Errors_of_the_kernel_are_told_apart()
    {
        await Volume.CreateDirectoryAsync("a");
        (await Volume.OpenAsync("file", VolumeOpen.CreateNew)).Dispose();

        await RequireAsync(VolumeError.NotFound, async () => await Volume.OpenAsync("missing", VolumeOpen.Read));
        await RequireAsync(VolumeError.NotFound, async () => await Volume.OpenAsync("missing/file", VolumeOpen.CreateNew));
        await RequireAsync(VolumeError.Exists, async () => await Volume.OpenAsync("file", VolumeOpen.CreateNew));
        await RequireAsync(VolumeError.NotFound, async () => await Volume.RenameAsync("missing", "other"));
        await RequireAsync(VolumeError.NotFound, async () => await Volume.SyncDirectoryAsync("missing"));
        await RequireAsync(VolumeError.Device, async () => await Volume.OpenAsync("a", VolumeOpen.Existing));
        using var readOnly = new PosixVolume(_directory.Path, readOnly: true);
        await RequireAsync(VolumeError.Denied, async () => await readOnly.DeleteAsync("file"));
    }

    [Fact]
    public async Task Names_are_listed_in_ordinal_order_and_deleted_once()
    {
        await Volume.CreateDirectoryAsync("d/e");
        foreach (var name in (string[])["d/b", "d/B", "d/a"])
            (await Volume.OpenAsync(name, VolumeOpen.OpenOrCreate)).Dispose();

        Assert.Equal(["B", "a", "b", "e"], (await Volume.ListAsync("d")).Select(entry => entry.Name));
        Assert.Empty(await Volume.ListAsync("missing"));
        await Volume.RenameAsync("d/a", "d/B");
        await Volume.DeleteAsync("d/e");
        await Volume.DeleteAsync("d/e");
        Assert.Equal(["B", "b"], (await Volume.ListAsync("d")).Select(entry => entry.Name));
        await RequireAsync(VolumeError.Device, async () => await Volume.DeleteAsync("d"));
        Assert.False(await Volume.ExistsAsync("d/a"));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    public async Task A_path_that_leaves_the_volume_is_refused(string path) =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await Volume.OpenAsync(path, VolumeOpen.Read));

    [Fact]
    public void Awaiting_a_sync_goes_on_in_the_loop_that_awaited_it() => LoopContext.Run("test", async () =>
    {
        var loop = SynchronizationContext.Current;
        using var file = await Volume.OpenAsync("file", VolumeOpen.CreateNew);
        for (var i = 0; i < 20; i++)
        {
            await file.WriteAsync(0, new byte[1 << 17]);
            LoopContext.RequireOn(loop);
            await file.SyncAsync();
            LoopContext.RequireOn(loop);
        }
    });

    [Fact]
    public async Task The_probe_tells_how_long_a_sync_takes_and_leaves_nothing()
    {
        var latency = await DiskProbe.MeasureSyncAsync(_directory.Path, samples: 20);

        Assert.True(latency.Median > TimeSpan.Zero && latency.Percentile99 >= latency.Median);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    private static async Task RequireAsync(VolumeError expected, Func<Task> call) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<VolumeException>(call)).Error);
}
