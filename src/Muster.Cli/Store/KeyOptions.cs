using System.CommandLine;
using Muster.Primitives;

namespace Muster.Cli.Store;

/// <summary>Which keys a command is about: one, a range, a prefix, or all from a key on.</summary>
internal sealed class KeyOptions
{
    private readonly Argument<string> _key = new("KEY") { Description = "The key, or the first of a range; \"\" with --prefix means every key." };
    private readonly Argument<string?> _end = new("END") { Description = "The key behind the range's last.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _prefix = new("--prefix") { Description = "All keys that begin with KEY." };
    private readonly Option<bool> _from = new("--from-key") { Description = "All keys from KEY on." };

    public Command On(Command command)
    {
        foreach (var argument in (Argument[])[_key, _end])
            command.Add(argument);
        foreach (var option in (Option[])[_prefix, _from])
            command.Add(option);
        return command;
    }

    public KeyRange Range(ParseResult parsed)
    {
        var (key, end) = (ByteString.From(parsed.GetValue(_key)!), parsed.GetValue(_end));
        if ((end is not null ? 1 : 0) + (parsed.GetValue(_prefix) ? 1 : 0) + (parsed.GetValue(_from) ? 1 : 0) > 1)
            throw new CliException(ExitCode.Usage, "END, --prefix and --from-key exclude each other");
        if (parsed.GetValue(_prefix))
            return KeyRange.Prefix(key);
        if (parsed.GetValue(_from))
            return new(key.IsEmpty ? KeyRange.All.Start : key, KeyRange.All.End);
        return new(key, end is null ? default : ByteString.From(end));
    }
}
