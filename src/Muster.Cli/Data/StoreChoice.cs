using System.Text;
using Muster.Server.Control;
using Muster.Stores;

namespace Muster.Cli.Data;

/// <summary>Which store a data directory belongs to: recorded at its first run, and the same ever after.</summary>
internal static class StoreChoice
{
    /// <summary>The rented store of a directory; null when its store is its own.</summary>
    public static StoreAddress? Of(DataLayout layout) =>
        File.Exists(layout.StoreAddress) ? StoreAddress.Parse(File.ReadAllText(layout.StoreAddress).TrimEnd('\n')) : null;

    /// <summary>Records the store that a run was given, and makes sure that it answers.</summary>
    /// <param name="layout">The run's directory.</param>
    /// <param name="given">What follows <c>--store</c>; null when nothing was said.</param>
    /// <param name="job">The job: in a rented store, each has a part of its own.</param>
    /// <exception cref="CliException">The directory belongs to another store, or the store does not answer.</exception>
    public static async Task RecordAsync(DataLayout layout, string? given, string job)
    {
        var recorded = Of(layout);
        var wanted = given is null ? recorded : Parse(given).Below(job);
        if (wanted is null)
            return;
        if (recorded is not null && recorded.ToString() != wanted.ToString())
            throw new CliException(ExitCode.Refused, $"the jobs in {layout.Root} are in {recorded}: leave --store away, or choose another --data");
        if (recorded is null && Directory.Exists(layout.Store))
            throw new CliException(ExitCode.Refused, $"the jobs in {layout.Root} are in a store of its own: leave --store away, or choose another --data");
        try
        {
            await OfflineJobs.CheckAsync(wanted);
        }
        catch (StoreUnavailableException silent)
        {
            throw new CliException(ExitCode.Infrastructure, silent.Message);
        }

        if (recorded?.Url != wanted.Url)
            Write(layout.StoreAddress, wanted.Url + "\n");   // a changed password is another address of the same store
    }

    private static StoreAddress Parse(string url)
    {
        try
        {
            return StoreAddress.Parse(url);
        }
        catch (FormatException malformed)
        {
            throw new CliException(ExitCode.Usage, $"--store: {malformed.Message}");
        }
    }

    /// <summary>It may hold a password: nobody else may read it, not for a moment.</summary>
    private static void Write(string path, string text)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
            file.Write(Encoding.UTF8.GetBytes(text));
        File.Move(temporary, path, overwrite: true);
    }
}
