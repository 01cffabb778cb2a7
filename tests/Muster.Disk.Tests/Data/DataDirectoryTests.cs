using Muster.Disk.Data;
using Muster.Disk.Tests.Kernel;
using Muster.Runtime;

namespace Muster.Disk.Tests.Data;

public sealed class DataDirectoryTests : IDisposable
{
    private static readonly DataFormat Format = new("server", 3);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_new_directory_is_made_private_and_marked_and_opens_again()
    {
        var path = _directory.At("a/b/data");

        using (var made = await DataDirectory.OpenAsync(path, Format))
            Assert.True(made.IsNew);
        using var again = await DataDirectory.OpenAsync(path, Format);

        Assert.False(again.IsNew);
        Assert.Equal("muster data directory\nname: server\nversion: 3\n", File.ReadAllText(path + "/format"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("agent", 3, "belongs to 'server'")]
    [InlineData("server", 2, "newer muster")]
    [InlineData("server", 4, "backup")]
    public async Task Another_name_or_version_is_refused_with_what_to_do(string name, int version, string says)
    {
        (await DataDirectory.OpenAsync(_directory.At("data"), Format)).Dispose();

        var error = await Assert.ThrowsAsync<DataDirectoryException>(
            () => DataDirectory.OpenAsync(_directory.At("data"), new DataFormat(name, version)));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("muster data directory\nname: server\nversion: three\n")]
    [InlineData("muster data directory\nname: server\nversion: 3\nmore\n")]
    public async Task A_format_file_that_is_not_understood_is_refused(string text)
    {
        File.WriteAllText(_directory.At("format"), text);

        var error = await Assert.ThrowsAsync<DataDirectoryException>(() => DataDirectory.OpenAsync(_directory.Path, Format));

        Assert.Contains("not understood", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_with_other_files_is_not_taken_over()
    {
        File.WriteAllText(_directory.At("thesis.tex"), "");

        var error = await Assert.ThrowsAsync<DataDirectoryException>(() => DataDirectory.OpenAsync(_directory.Path, Format));

        Assert.Contains("thesis.tex", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory.At("format")));
    }

    [Fact]
    public async Task A_second_process_is_refused_with_the_pid_of_the_first_until_that_dies()
    {
        var path = _directory.At("data");
        using var holder = Programs.Start(Programs.Child("hold", path));
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync());

        var error = await Assert.ThrowsAsync<DirectoryLockedException>(() => DataDirectory.OpenAsync(path, new DataFormat("child", 1)));
        holder.Kill();
        await holder.WaitForExitAsync();
        using var ours = await DataDirectory.OpenAsync(path, new DataFormat("child", 1));

        Assert.Equal(holder.Id, error.Holder);
        Assert.Contains($"process {holder.Id}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_process_cannot_open_it_twice_either()
    {
        using var first = await DataDirectory.OpenAsync(_directory.At("data"), Format);

        var error = await Assert.ThrowsAsync<DirectoryLockedException>(() => DataDirectory.OpenAsync(_directory.At("data"), Format));

        Assert.Equal(Environment.ProcessId, error.Holder);
    }

    [Fact]
    public async Task A_reader_works_beside_the_owner_and_can_change_nothing()
    {
        using var owner = await DataDirectory.OpenAsync(_directory.At("data"), Format);
        await DurableFile.WriteAsync(owner.Volume, "file", new byte[] { 1, 2, 3 });

        using var reader = await DataDirectory.OpenReadOnlyAsync(_directory.At("data"), Format);

        Assert.Equal([1, 2, 3], await DurableFile.ReadAsync(reader.Volume, "file", 10));
        var error = await Assert.ThrowsAsync<VolumeException>(() => DurableFile.WriteAsync(reader.Volume, "file", new byte[1]));
        Assert.Equal(VolumeError.Denied, error.Error);
        await Assert.ThrowsAsync<DataDirectoryException>(() => DataDirectory.OpenReadOnlyAsync(_directory.At("missing"), Format));
    }
}
