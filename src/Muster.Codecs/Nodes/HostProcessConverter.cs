using System.Text.Json;
using Muster.Jobs.Keepers;
using Muster.Primitives;

namespace Muster.Codecs.Nodes;

/// <summary>The JSON form of <see cref="HostProcess"/>.</summary>
internal sealed class HostProcessConverter : TextConverter<HostProcess>
{
    protected override HostProcess From(string text) =>
        HostProcess.Parse(text) ?? throw new JsonException("a process is written pid:ticks");

    protected override string Text(HostProcess id) => id.ToString();
}
