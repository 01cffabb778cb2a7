using System.Diagnostics;
using Muster.Keyspace.Tests;

namespace Muster.Codecs.Tests.Etcd;

/// <summary>The same messages in Python's protobuf, which knows only the tables of field numbers in reference.py.</summary>
public sealed class ReferenceTests(ITestOutputHelper output)
{
    private const int Messages = 20_000;

    [Fact]
    public async Task Another_implementation_reads_and_writes_the_same_bytes()
    {
        if (!await Exits0Async("-c", "import google.protobuf"))
        {
            Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
            Assert.Skip("python3-protobuf is not installed: nothing to compare with");
        }

        var lines = Enumerable.Range(0, Messages).Select(i =>
        {
            var kind = MessageKinds.All[i % MessageKinds.All.Count];
            return $"{kind.Type.Name} {Convert.ToHexString(kind.Sample(new(new(Seeds.First + (ulong)i))))}";
        }).ToList();
        var answers = await AskAsync(lines);

        Assert.Equal(lines.Count, answers.Count);
        foreach (var (line, answer) in lines.Zip(answers))
            Assert.True(answer == line, $"we write  {line}\nit writes {answer}");
        output.WriteLine($"count: {Messages} messages compared with Python's protobuf");
    }

    private static async Task<List<string>> AskAsync(List<string> lines)
    {
        using var python = Start(Path.Combine(AppContext.BaseDirectory, "reference.py"));
        var reading = python.StandardOutput.ReadToEndAsync();
        foreach (var line in lines)
            await python.StandardInput.WriteLineAsync(line);
        python.StandardInput.Close();
        var answers = await reading;
        await python.WaitForExitAsync();
        Assert.Equal(0, python.ExitCode);
        return [.. answers.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static async Task<bool> Exits0Async(params string[] arguments)
    {
        using var python = Start(arguments);
        python.StandardInput.Close();
        await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return python.ExitCode == 0;
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("/usr/bin/python3", arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;
}
