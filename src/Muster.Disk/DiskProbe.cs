using System.Diagnostics;
using Muster.Disk.Posix;
using Muster.Runtime;

namespace Muster.Disk;

/// <summary>How long a disk takes to make a small write durable.</summary>
/// <param name="Median">Half of the writes took no longer.</param>
/// <param name="Percentile99">99 of 100 writes took no longer.</param>
/// <param name="Samples">Writes made.</param>
public sealed record SyncLatency(TimeSpan Median, TimeSpan Percentile99, int Samples);

/// <summary>Measures a disk for diagnosis.</summary>
public static class DiskProbe
{
    private const string FileName = "sync-probe.tmp";

    /// <summary>Appends and syncs small writes, one after another, in a file that is deleted afterwards.</summary>
    /// <param name="directory">An existing directory on the disk in question.</param>
    /// <param name="samples">Writes to make; default 100.</param>
    /// <param name="bytes">Bytes of each; default 512.</param>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public static async Task<SyncLatency> MeasureSyncAsync(string directory, int samples = 100, int bytes = 512)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        using var volume = new PosixVolume(directory);
        var times = new List<TimeSpan>(samples);
        using (var file = await volume.OpenAsync(FileName, VolumeOpen.OpenOrCreate))
        {
            var content = new byte[bytes];
            for (var i = 0; i < samples; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await file.WriteAsync((long)i * bytes, content);
                await file.SyncAsync();
                times.Add(Stopwatch.GetElapsedTime(start));
            }
        }

        await volume.DeleteAsync(FileName);
        times.Sort();
        return new SyncLatency(times[samples / 2], times[Math.Min(samples - 1, samples * 99 / 100)], samples);
    }
}
