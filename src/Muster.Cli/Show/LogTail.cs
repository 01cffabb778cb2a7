using System.Text;

namespace Muster.Cli.Show;

/// <summary>Follows a rank's growing output file, line by line, through rotation.</summary>
internal sealed class LogTail(string path, int rank)
{
    private readonly StringBuilder _line = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly char[] _text = new char[16 * 1024];
    private long _offset;

    public string Path { get; } = path;

    /// <summary>Starts at the file's present end, for a run that goes on where another was.</summary>
    public void SkipToEnd() => _offset = File.Exists(Path) ? new FileInfo(Path).Length : 0;

    /// <summary>Gives every complete line that is new.</summary>
    public void Read(Action<int, string> line)
    {
        if (!File.Exists(Path))
            return;
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length < _offset)
            _offset = 0;                       // rotated: a new file has begun
        file.Position = _offset;
        while (file.Read(_buffer) is > 0 and var count)
        {
            _offset += count;
            foreach (var c in _text.AsSpan(0, _decoder.GetChars(_buffer.AsSpan(0, count), _text, flush: false)))
            {
                if (c == '\n')
                    Flush(line);
                else if (c != '\r')
                    _line.Append(c);
            }
        }
    }

    /// <summary>Gives what is left when no newline follows.</summary>
    public void Finish(Action<int, string> line)
    {
        Read(line);
        if (_line.Length > 0)
            Flush(line);
    }

    private void Flush(Action<int, string> line)
    {
        line(rank, _line.ToString());
        _line.Clear();
    }
}
