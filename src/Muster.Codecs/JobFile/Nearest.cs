namespace Muster.Codecs.JobFile;

/// <summary>The known word that a mistyped one was probably meant to be.</summary>
internal static class Nearest
{
    private const int WordMax = 64;

    /// <summary>"; did you mean x?" or nothing.</summary>
    public static string Hint(string word, IEnumerable<string> known)
    {
        var best = known
            .Select(candidate => (Word: candidate, Distance: Distance(word, candidate)))
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => candidate.Word, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Word is not null && best.Distance <= Math.Max(2, best.Word.Length / 3) ? $"; did you mean {best.Word}?" : "";
    }

    /// <summary>Edits between two words, without regard to case; a very long word is far from everything.</summary>
    /// <remarks>Levenshtein, 1966; two rows.</remarks>
    public static int Distance(string left, string right)
    {
        if (left.Length > WordMax || right.Length > WordMax)
            return int.MaxValue;
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1)));
            }
        }

        return row[right.Length];
    }
}
