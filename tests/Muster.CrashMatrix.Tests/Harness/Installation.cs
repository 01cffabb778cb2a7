namespace Muster.RealRuns;

/// <summary>Where the built program and the sample lie.</summary>
internal static class Installation
{
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    public static string Muster => Path.Combine(Root, ".build/muster/muster");

    public static string Charlm => Path.Combine(Root, ".build/samples/charlm/charlm");

    public static string Corpus => Path.Combine(Root, "samples/charlm/corpus.txt");

    private static string FindRoot(string directory)
    {
        while (!File.Exists(Path.Combine(directory, "Muster.slnx")))
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("the tests run from within the source tree");
        return directory;
    }
}
