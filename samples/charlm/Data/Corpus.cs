using System.Security.Cryptography;
using System.Text;

namespace Muster.Samples.Charlm.Data;

/// <summary>A text as numbers: its first nine tenths to train on, the rest held out.</summary>
internal sealed class Corpus
{
    /// <summary>Fewer characters leave too little to train on and to measure; unit: characters.</summary>
    public const int CharactersMin = 2_000;

    /// <summary>Unit: bytes of the file.</summary>
    public const int BytesMax = 64 << 20;

    /// <summary>More different characters than this is no prose in an alphabet; unit: characters.</summary>
    public const int AlphabetMax = 1_000;

    private readonly int[] _tokens;

    private Corpus(string text, string alphabet)
    {
        Alphabet = alphabet;
        _tokens = [.. text.Select(character => alphabet.IndexOf(character, StringComparison.Ordinal))];
        TrainingLength = (int)(text.Length * 9L / 10);
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    /// <summary>Every character of the text once, in the order of their codes.</summary>
    public string Alphabet { get; }

    public int TrainingLength { get; }

    /// <summary>Names the text, so that a checkpoint of another is refused.</summary>
    public string Digest { get; }

    public ReadOnlySpan<int> All => _tokens;

    public ReadOnlySpan<int> Training => _tokens.AsSpan(0, TrainingLength);

    public ReadOnlySpan<int> HeldOut => _tokens.AsSpan(TrainingLength);

    /// <exception cref="CharlmException">The file cannot be read, is not text, or is too small or too large.</exception>
    public static Corpus Read(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > BytesMax)
                throw new CharlmException($"corpus {path} has {length} bytes; at most {BytesMax} can be read: give --corpus a part of it");
            return Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)), path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CharlmException(
                $"corpus {Path.GetFullPath(path)} cannot be read: {Reason(failure)}. Give --corpus the path of a text file that every rank can read");
        }
        catch (DecoderFallbackException)
        {
            throw new CharlmException($"corpus {Path.GetFullPath(path)} is not UTF-8 text: convert it, for example with iconv, or give --corpus another file");
        }
    }

    /// <exception cref="CharlmException">The text is too small, or has too many different characters.</exception>
    public static Corpus Parse(string text, string name)
    {
        text = text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal);
        if (text.Length < CharactersMin)
            throw new CharlmException($"corpus {name} has {text.Length} characters; at least {CharactersMin} are needed: give --corpus a longer text");
        var alphabet = string.Concat(text.Distinct().Order());
        if (alphabet.Length > AlphabetMax)
            throw new CharlmException($"corpus {name} has {alphabet.Length} different characters; at most {AlphabetMax} are allowed: give --corpus a text in an alphabet");
        return new Corpus(text, alphabet);
    }

    private static string Reason(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "it is a directory, or permission is denied",
        _ => failure.Message,
    };
}
