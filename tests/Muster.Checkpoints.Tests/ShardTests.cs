using Muster.Checkpoints.Directories;
using Muster.Checkpoints.Shards;
using Muster.Disk.Posix;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Checkpoints.Tests;

public sealed class ShardTests : IDisposable
{
    private static readonly JobId s_job = new("job");
    private readonly string _root = Directory.CreateTempSubdirectory("muster-shards-").FullName;
    private readonly PosixVolume _disk;

    public ShardTests() => _disk = new PosixVolume(_root);

    public void Dispose()
    {
        _disk.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_copy_has_the_bytes_and_digests_of_its_original_whatever_the_chunks()
    {
        Write("memory/a", 10_000);
        Write("memory/deep/b", 0);
        Write("memory/deep/er/c", 65_536);

        var copied = await new ShardSealer(_disk, new SealLimits { ChunkBytes = 1000 }).CopyAsync("memory", "final/1.1/rank-0");
        var inPlace = await new ShardSealer(_disk).SealAsync("memory");

        Assert.Equal(inPlace, copied);
        Assert.Equal(["a", "deep/b", "deep/er/c"], copied.Select(file => file.Name));
        Assert.Equal(File.ReadAllBytes($"{_root}/memory/deep/er/c"), File.ReadAllBytes($"{_root}/final/1.1/rank-0/deep/er/c"));
    }

    [Fact]
    public async Task A_path_is_never_written_twice()
    {
        Write("memory/a", 10);
        await new ShardSealer(_disk).CopyAsync("memory", "final");

        var refusal = await Assert.ThrowsAsync<VolumeException>(() => new ShardSealer(_disk).CopyAsync("memory", "final"));

        Assert.Equal(VolumeError.Exists, refusal.Error);
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("cut")]
    [InlineData("gone")]
    public async Task Any_damage_is_found(string damage)
    {
        var (checkpoints, digest) = await CommitAsync(step: 4, generation: 1);
        var path = $"{_root}/root/job/4.1/rank-1/weights";
        var bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "flip":
                bytes[777] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "cut":
                File.WriteAllBytes(path, bytes[..^1]);
                break;
            default:
                File.Delete(path);
                break;
        }

        var found = await checkpoints.FindDamageAsync(new TrainingStep(4), new Generation(1), digest);
        var otherRank = await checkpoints.FindDamageAsync(new TrainingStep(4), new Generation(1), digest, new Rank(0));

        Assert.Contains("rank-1/weights", found, StringComparison.Ordinal);
        Assert.Null(otherRank);
    }

    [Theory]
    [InlineData("b", 0)]
    [InlineData("b", 1_000)]
    [InlineData("b", 2_499)]
    [InlineData("d/c", 3)]
    public async Task Damage_has_a_place(string name, int at)
    {
        var limits = new SealLimits { BlockBytes = 1_000, ChunkBytes = 300 };
        Write("shard/a", 1_500);
        Write("shard/b", 2_500);
        Write("shard/d/c", 4);
        Write("shard/empty", 0);
        var facts = new ShardFacts(new TrainingStep(1), new Rank(0), await new ShardSealer(_disk, limits).SealAsync("shard"));
        var bytes = File.ReadAllBytes($"{_root}/shard/{name}");
        bytes[at] ^= 1;
        File.WriteAllBytes($"{_root}/shard/{name}", bytes);

        var found = await new ShardVerifier(_disk).FindDamageAsync("shard", facts);
        File.WriteAllText($"{_root}/shard.crc32c", "spoiled");
        var withoutChecksums = await new ShardVerifier(_disk).FindDamageAsync("shard", facts);

        Assert.EndsWith($"was committed; the first damaged block of 1000 bytes begins at offset {at / 1_000 * 1_000}", found, StringComparison.Ordinal);
        Assert.EndsWith("was committed", withoutChecksums, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_manifest_that_was_committed_counts()
    {
        var (checkpoints, digest) = await CommitAsync(step: 4, generation: 1);

        Assert.Null(await checkpoints.FindDamageAsync(new TrainingStep(4), new Generation(1), digest));
        Assert.Contains("was committed", await checkpoints.FindDamageAsync(new TrainingStep(4), new Generation(1), new string('0', 32)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orphans_of_closed_generations_go_and_nothing_else()
    {
        var (checkpoints, _) = await CommitAsync(step: 4, generation: 1);
        Write("root/job/6.1/rank-0/weights", 10);    // never committed
        Write("root/job/8.2/rank-0/weights", 10);    // the current generation writes it
        Write("root/job/notes/readme", 10);          // not ours

        var swept = await checkpoints.SweepOrphansAsync(new Generation(1), (step, _) => step.Number == 4);

        Assert.Equal([6L], swept.Select(found => found.Step.Number));
        Assert.Equal(["4.1", "8.2", "notes"], Directory.GetDirectories($"{_root}/root/job").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_deleted_checkpoint_loses_its_manifest_first()
    {
        var (_, _) = await CommitAsync(step: 4, generation: 1);
        var disk = new DyingVolume(_disk, deletesLeft: 1);

        await Assert.ThrowsAsync<VolumeException>(() => new CheckpointDirectory(disk, "root", s_job).DeleteAsync(new TrainingStep(4), new Generation(1)));

        Assert.False(File.Exists($"{_root}/root/job/4.1/{CheckpointLayout.ManifestName}"));
        Assert.True(File.Exists($"{_root}/root/job/4.1/rank-0/weights"));
    }

    private async Task<(CheckpointDirectory Checkpoints, string Digest)> CommitAsync(long step, long generation)
    {
        var shards = new List<ShardFacts>();
        for (var rank = 0; rank < 2; rank++)
        {
            var directory = CheckpointLayout.ShardDirectory("root", s_job, new TrainingStep(step), new Generation(generation), new Rank(rank));
            Write($"{directory}/weights", 5000 + rank);
            shards.Add(new ShardFacts(new TrainingStep(step), new Rank(rank), await new ShardSealer(_disk).SealAsync(directory)));
        }

        var checkpoints = new CheckpointDirectory(_disk, "root", s_job);
        return (checkpoints, await checkpoints.WriteManifestAsync(new Manifest
        {
            Job = s_job,
            Step = new TrainingStep(step),
            Generation = new Generation(generation),
            Token = new FencingToken(new ClusterId(1), new Revision(2)),
            WorldSize = 2,
            Shards = [.. shards],
        }));
    }

    private void Write(string path, int bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName($"{_root}/{path}")!);
        var random = new SeededRandom((ulong)bytes);
        File.WriteAllBytes($"{_root}/{path}", [.. Enumerable.Range(0, bytes).Select(_ => (byte)random.NextUInt64())]);
    }

    /// <summary>A disk that refuses after some deletes, as a crash would end them.</summary>
    private sealed class DyingVolume(IVolume disk, int deletesLeft) : IVolume
    {
        private int _left = deletesLeft;

        public ValueTask DeleteAsync(string path) =>
            _left-- > 0 ? disk.DeleteAsync(path) : throw new VolumeException("delete", path, VolumeError.Device, "it died");

        public ValueTask<IVolumeFile> OpenAsync(string path, VolumeOpen mode) => disk.OpenAsync(path, mode);

        public ValueTask<bool> ExistsAsync(string path) => disk.ExistsAsync(path);

        public ValueTask<IReadOnlyList<VolumeEntry>> ListAsync(string directory) => disk.ListAsync(directory);

        public ValueTask CreateDirectoryAsync(string path) => disk.CreateDirectoryAsync(path);

        public ValueTask RenameAsync(string from, string to) => disk.RenameAsync(from, to);

        public ValueTask SyncDirectoryAsync(string path) => disk.SyncDirectoryAsync(path);
    }
}
