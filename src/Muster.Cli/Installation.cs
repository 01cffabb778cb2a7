namespace Muster.Cli;

/// <summary>What lies beside the program.</summary>
internal static class Installation
{
    /// <summary>Directory that holds the Python package <c>muster</c>; null when it is not there.</summary>
    public static string? PythonDirectory()
    {
        // Installed: beside the program. In a clone: the program lies in .build/muster.
        string[] places = [Path.Combine(AppContext.BaseDirectory, "python"), Path.Combine(AppContext.BaseDirectory, "..", "..", "python")];
        return places.Select(Path.GetFullPath).FirstOrDefault(place => File.Exists(Path.Combine(place, "muster", "__init__.py")));
    }
}
