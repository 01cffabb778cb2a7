using System.Text;

namespace Muster.Agent.Output;

/// <summary>Limits of logs.</summary>
public sealed record OutputLimits
{
    /// <summary>The defaults.</summary>
    public static OutputLimits Default { get; } = new();

    /// <summary>Bytes of a file after which the next one begins; default 64 MiB.</summary>
    public long FileBytesMax { get; init; } = 64 << 20;

    /// <summary>Files kept for a log, the current one included; default 3. The oldest is deleted.</summary>
    public int FilesMax { get; init; } = 3;

    /// <summary>Bytes kept to find the last line in; default 4 KiB.</summary>
    public int TailBytes { get; init; } = 4096;
}

/// <summary>Logs as files <c>NAME.log</c>, <c>NAME.log.1</c> (older), …</summary>
public sealed class RotatedOutput(string directory, OutputLimits? limits = null) : IRankOutput, IDisposable
{
    private sealed class Log(FileStream file)
    {
        public FileStream File { get; set; } = file;

        public byte[] Tail { get; set; } = [];
    }

    private readonly OutputLimits _limits = limits ?? OutputLimits.Default;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Log> _logs = [];
    private bool _disposed;

    /// <inheritdoc/>
    public void Begin(string log)
    {
        lock (_gate)
            if (!_disposed)
                Open(log).Tail = [];
    }

    /// <inheritdoc/>
    /// <remarks>A disk that is full loses output, never a rank.</remarks>
    public void Append(string log, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            var open = Open(log);
            KeepTail(open, bytes);
            try
            {
                if (open.File.Length + bytes.Length > _limits.FileBytesMax && open.File.Length > 0)
                    Rotate(log, open);
                open.File.Write(bytes);
                open.File.Flush();
            }
            catch (IOException)
            {
                // Nobody to tell: output is for people, and the tail is kept in memory.
            }
        }
    }

    /// <inheritdoc/>
    public string? LastLine(string log)
    {
        byte[] tail;
        lock (_gate)
            tail = _logs.TryGetValue(log, out var open) ? open.Tail : [];
        var lines = Encoding.UTF8.GetString(tail).Split(['\n', '\r']);
        return lines.LastOrDefault(line => !string.IsNullOrWhiteSpace(line))?.Trim();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var log in _logs.Values)
                log.File.Dispose();
            _logs.Clear();
        }
    }

    private Log Open(string log)
    {
        if (_logs.TryGetValue(log, out var open))
            return open;
        Directory.CreateDirectory(directory);
        return _logs[log] = new Log(OpenFile(log));
    }

    private FileStream OpenFile(string log) => new(PathOf(log), new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,   // output may hold secrets
    });

    private string PathOf(string log) => Path.Combine(directory, $"{log}.log");

    private void Rotate(string log, Log open)
    {
        open.File.Dispose();
        for (var age = _limits.FilesMax - 1; age >= 1; age--)
        {
            var from = age == 1 ? PathOf(log) : $"{PathOf(log)}.{age - 1}";
            if (File.Exists(from))
                File.Move(from, $"{PathOf(log)}.{age}", overwrite: true);
        }

        if (_limits.FilesMax == 1)
            File.Delete(PathOf(log));
        open.File = OpenFile(log);
    }

    private void KeepTail(Log open, ReadOnlySpan<byte> bytes)
    {
        var kept = Math.Min(open.Tail.Length, Math.Max(0, _limits.TailBytes - bytes.Length));
        open.Tail = [.. open.Tail.AsSpan(open.Tail.Length - kept), .. bytes[Math.Max(0, bytes.Length - _limits.TailBytes)..]];
    }
}
