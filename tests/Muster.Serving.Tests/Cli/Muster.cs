using System.Text.Json;

namespace Muster.Serving.Tests;

/// <summary>The program's own commands.</summary>
internal static class MusterCommand
{
    public static (int Code, string Output, string Errors) Run(params string[] arguments) => RunWith(null, arguments);

    public static (int Code, string Output, string Errors) RunWith(string? input, params string[] arguments)
    {
        using var process = ChildProcess.Start(MusterServer.Program, arguments, input);
        var code = process.Wait();
        return (code, process.Output, process.Errors);
    }

    /// <summary>Runs a `muster store` command that must succeed, and gives its JSON.</summary>
    public static JsonElement Json(string endpoint, params string[] arguments)
    {
        var (code, output, errors) = Run(["store", .. arguments, "--endpoint", endpoint, "-o", "json"]);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {errors}");
        return JsonDocument.Parse(output).RootElement;
    }
}
