using System.Text;

namespace Muster.Keyspace;

/// <summary>Names of users and roles.</summary>
public static class AuthNames
{
    /// <summary>The user and the role that may do everything.</summary>
    public const string Root = "root";

    /// <summary>The order of names, in lists and in the state: that of their bytes in UTF-8, which is that of their code points.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create(Compare);

    private static int Compare(string left, string right)
    {
        var (mine, theirs) = (left.EnumerateRunes(), right.EnumerateRunes());
        while (mine.MoveNext())
        {
            if (!theirs.MoveNext())
                return 1;
            var order = mine.Current.CompareTo(theirs.Current);
            if (order != 0)
                return order;
        }

        return theirs.MoveNext() ? -1 : 0;
    }

    /// <summary>Whether a text is UTF-16 that has a form in UTF-8, and short enough.</summary>
    internal static bool IsValid(string name, AuthLimits limits)
    {
        foreach (var rune in name.EnumerateRunes())
        {
            // An unpaired surrogate is enumerated as this; a name that holds it on purpose is refused with the rest.
            if (rune == Rune.ReplacementChar)
                return false;
        }

        return name.Length <= limits.NameCharsMax;
    }
}
