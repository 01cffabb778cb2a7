namespace Muster.Architecture.Tests;

/// <summary>A checker that has never failed proves nothing: each is given what it must find, and what it must let be.</summary>
public sealed class PlantedViolationTests
{
    [Fact]
    public void A_new_edge_an_unknown_project_and_a_new_package_are_found()
    {
        var edge = Project("Muster.Keyspace", """<ProjectReference Include="../Muster.Disk/Muster.Disk.csproj" />""");
        var package = Project("Muster.Jobs", """<PackageReference Include="Newtonsoft.Json" />""");
        var allowed = Project("Muster.Disk", """<ProjectReference Include="../Muster.Runtime/Muster.Runtime.csproj" />""");

        Assert.Contains("Muster.Disk, which is a new edge", Assert.Single(EdgeRule.Check(edge)), StringComparison.Ordinal);
        Assert.Contains("Newtonsoft.Json", Assert.Single(EdgeRule.Check(package)), StringComparison.Ordinal);
        Assert.Contains("not in the table", Assert.Single(EdgeRule.Check(Project("Muster.Utilities", ""))), StringComparison.Ordinal);
        Assert.Empty(EdgeRule.Check(allowed));
    }

    [Fact]
    public void A_pure_project_more_or_less_in_the_build_is_found()
    {
        var props = """<MusterPure Condition="'$(MSBuildProjectName)' == 'Muster.Primitives' or '$(MSBuildProjectName)' == 'Muster.Disk'">true</MusterPure>""";

        Assert.Equal(["Muster.Disk", "Muster.Primitives"], EdgeRule.PureInBuild(props));
    }

    [Theory]
    [InlineData(58, 0)]
    [InlineData(59, 1)]
    public void A_long_method_is_found_and_a_class_of_short_ones_is_not(int statements, int found)
    {
        var shortOnes = string.Concat(Enumerable.Range(0, 20).Select(i => $"    int M{i}<T>(T x) where T : class\n    {{\n        return {i};\n    }}\n\n"));
        var longOne = "    void Long()\n    {\n" + string.Concat(Enumerable.Repeat("        if (x) { y(\"}}}\"); } // }\n", statements - 1)) + "    }\n";

        var file = Source("src/Muster.Jobs/A.cs", "namespace A;\n\npublic sealed record A(int B)\n{\n" + shortOnes + longOne + "}\n");

        Assert.Equal(found, SizeRule.Check(file).Count());
    }

    [Fact]
    public void A_long_switch_expression_and_a_long_file_are_found()
    {
        var arms = "class A\n{\n    int M(int x) => x switch\n    {\n" + string.Concat(Enumerable.Repeat("        1 => 2,\n", 60)) + "    };\n}\n";

        Assert.Contains("member of 63 lines", Assert.Single(SizeRule.Check(Source("src/P/A.cs", arms))), StringComparison.Ordinal);
        Assert.Contains("401 lines", Assert.Single(SizeRule.Check(Source("src/P/A.cs", string.Concat(Enumerable.Repeat("// x\n", 401))))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("src/Muster.Stores/A.cs", "[LibraryImport(\"libc\", EntryPoint = \"fsync\")]", 1)]
    [InlineData("src/Muster.Disk/A.cs", "[LibraryImport(\"libc\", EntryPoint = \"fsync\")]", 0)]
    [InlineData("src/Muster.Agent/A.cs", "using System.Net.Sockets;", 1)]
    [InlineData("src/Muster.Server/A.cs", "var c = new HttpClient();", 1)]
    [InlineData("src/Muster.Network/A.cs", "using System.Net.Sockets;", 0)]
    [InlineData("src/Muster.Server/A.cs", "// not a new Socket(", 0)]
    public void A_sync_or_a_socket_in_the_wrong_project_is_found(string path, string text, int found) =>
        Assert.Equal(found, WordRules.CheckOwners(Source(path, text)).Count());

    [Theory]
    [InlineData("await x.ConfigureAwait(false);", 1)]
    [InlineData("_ = Task.Run(() => { });", 1)]
    [InlineData("await foreach (var x in reader.ReadAllAsync())", 2)]
    [InlineData("var gate = new SemaphoreSlim(1);", 1)]
    [InlineData("await Task.Delay(TimeSpan.FromSeconds(1));", 1)]
    [InlineData("await Task.Delay(TimeSpan.FromSeconds(1), time);", 0)]
    [InlineData("new CancellationTokenSource(TimeSpan.FromSeconds(1))", 1)]
    [InlineData("new CancellationTokenSource(TimeSpan.FromSeconds(1), time)", 0)]
    [InlineData("new CancellationTokenSource()", 0)]
    [InlineData("new PeriodicTimer(period)", 1)]
    [InlineData("new PeriodicTimer(period, time)", 0)]
    [InlineData("/* Task.Run */ var s = \"ReadAllAsync\"; var t = $\"{x} SemaphoreSlim {y(\"}\")}\"; // ConfigureAwait", 0)]
    [InlineData("while (await inbox.WaitToReadAsync()) while (inbox.TryRead(out var x)) { }", 0)]
    public void What_leaves_a_loop_is_found(string code, int found)
    {
        Assert.Equal(found, WordRules.CheckLoops(Source("src/Muster.Server/A.cs", code)).Count());
        Assert.Empty(WordRules.CheckLoops(Source("src/Muster.Worker/A.cs", code)));
    }

    [Fact]
    public void A_word_from_elsewhere_and_a_document_that_is_missing_are_found()
    {
        var file = Source("docs/a.md", $"see {WordRules.Rot13("/jbex/")}x and docs/adr/9999-absent.md and docs/here.md");

        Assert.Single(WordRules.CheckWords(file));
        Assert.Contains("9999-absent", Assert.Single(WordRules.CheckDocuments(file, name => name == "docs/here.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a /* b */ c", "a         c")]
    [InlineData("a \"b\\\"c\" d", "a        d")]
    [InlineData("a @\"b\"\"c\" d", "a         d")]
    [InlineData("a $\"b{c(\"d\")}e\" f", "a               f")]
    [InlineData("a \"\"\"b\"c\"\"\" d", "a           d")]
    [InlineData("'\"' a '\\'' b", "    a      b")]
    public void Comments_and_literals_are_told_from_code(string text, string blanked) => Assert.Equal(blanked, CSharpText.Blank(text));

    private static TreeFile Project(string name, string item) => new($"src/{name}/{name}.csproj", $"<Project><ItemGroup>{item}</ItemGroup></Project>");

    private static TreeFile Source(string path, string text) => new(path, text);
}
