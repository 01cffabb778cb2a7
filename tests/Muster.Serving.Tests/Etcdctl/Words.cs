using System.Text;

namespace Muster.Serving.Tests;

/// <summary>Words of a line, quoted as in a shell; a quoted word may be empty.</summary>
internal static class Words
{
    public static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (open, quoted) = (false, '\0');
        foreach (var letter in line)
        {
            if (quoted != '\0' && letter == quoted)
                quoted = '\0';
            else if (quoted == '\0' && letter is '"' or '\'')
                (quoted, open) = (letter, true);
            else if (quoted == '\0' && letter == ' ')
            {
                if (open)
                    words.Add(word.ToString());
                word.Clear();
                open = false;
            }
            else
            {
                word.Append(letter);
                open = true;
            }
        }

        if (open)
            words.Add(word.ToString());
        return words;
    }
}
