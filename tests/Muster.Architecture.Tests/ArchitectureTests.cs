namespace Muster.Architecture.Tests;

/// <summary>The tree keeps the rules.</summary>
public sealed class ArchitectureTests
{
    [Fact]
    public void References_point_one_way_along_known_edges() => Nothing(Tree.Projects.SelectMany(EdgeRule.Check));

    [Fact]
    public void The_table_of_edges_points_one_way()
    {
        var above = new HashSet<string>();
        foreach (var (project, mayReferTo, _) in EdgeRule.Allowed)
        {
            Assert.Subset(above, mayReferTo.ToHashSet());
            above.Add(project);
        }
    }

    [Fact]
    public void The_build_bans_symbols_in_exactly_the_pure_projects_and_they_refer_to_pure_ones_only()
    {
        var inBuild = EdgeRule.PureInBuild(File.ReadAllText(Path.Combine(Tree.Root, "Directory.Build.props")));

        Assert.Equal(EdgeRule.Pure, inBuild);
        foreach (var (project, mayReferTo, _) in EdgeRule.Allowed.Where(line => EdgeRule.Pure.Contains(line.Project)))
            Assert.Subset(EdgeRule.Pure.ToHashSet(), mayReferTo.ToHashSet());
    }

    [Fact]
    public void Files_and_members_are_small() => Nothing(Tree.Sources.SelectMany(SizeRule.Check));

    [Fact]
    public void One_project_syncs_and_one_opens_sockets() => Nothing(Tree.Sources.SelectMany(WordRules.CheckOwners));

    [Fact]
    public void Loops_stay_on_their_context_and_in_their_time() => Nothing(Tree.Sources.SelectMany(WordRules.CheckLoops));

    [Fact]
    public void Every_source_project_has_a_page_that_explains_it() => Nothing(
        Tree.Projects.Select(project => Path.GetDirectoryName(project.Path)!)
            .Where(folder => !File.Exists(Path.Combine(Tree.Root, folder, "README.md")))
            .Select(folder => $"{folder} has no README.md: what it decides, inputs and effects, invariants, where to start reading"));

    [Fact]
    public void The_project_speaks_of_itself_alone() => Nothing(AllText().SelectMany(WordRules.CheckWords));

    [Fact]
    public void A_document_that_is_named_exists() =>
        Nothing(AllText().SelectMany(file => WordRules.CheckDocuments(file, name => File.Exists(Path.Combine(Tree.Root, name)))));

    private static IEnumerable<TreeFile> AllText() => new[] { "*.cs", "*.csproj", "*.props", "*.md", "*.py", "*.txt", "*.yaml", "*.sh" }
        .SelectMany(pattern => Tree.Files(pattern, "."))
        .Where(file => !file.Path.StartsWith("tests/Muster.Architecture.Tests/", StringComparison.Ordinal));

    private static void Nothing(IEnumerable<string> violations)
    {
        var found = violations.ToList();
        Assert.True(found.Count == 0, $"{found.Count} violations:\n{string.Join('\n', found)}");
    }
}
