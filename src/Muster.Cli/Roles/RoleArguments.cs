namespace Muster.Cli.Roles;

/// <summary>Arguments of a role: <c>--name value</c> pairs, nothing else. Small, since roles start in milliseconds.</summary>
internal sealed class RoleArguments
{
    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    public RoleArguments(string role, string[] words, params string[] known)
    {
        for (var i = 0; i < words.Length; i += 2)
        {
            if (!known.Contains(words[i]))
                throw new CliException(ExitCode.Usage, $"{role}: unknown option '{words[i]}'; known: {string.Join(", ", known)}");
            if (i + 1 == words.Length)
                throw new CliException(ExitCode.Usage, $"{role}: {words[i]} needs a value");
            _values[words[i]] = words[i + 1];
        }
    }

    public string Required(string name) => Optional(name)
        ?? throw new CliException(ExitCode.Usage, $"{name} is missing");

    public string? Optional(string name) => _values.GetValueOrDefault(name);
}
