using System.Collections;
using System.Diagnostics;
using System.Reflection;
using Muster.Coverage;

// Prints how many branches of one assembly's own sources are reached by suites together, and where the gaps are.
// arguments: assembly name, source folder, least share in percent, suites' executables …
var (assembly, sources, least) = (args[0], Path.GetFullPath(args[1]), double.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture));
var reached = new SortedDictionary<(string File, int Line, string Branch), bool>();
foreach (var suite in args[3..])
{
    var module = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(suite))!, assembly + ".dll");
    var coverage = Instrumented(module);
    var begun = Stopwatch.StartNew();
    using var run = Process.Start(new ProcessStartInfo(suite, ["-noLogo", "-noColor"]) { RedirectStandardOutput = true })!;
    var text = run.StandardOutput.ReadToEnd();
    run.WaitForExit();
    var result = Call(coverage, "GetCoverageResult");   // also puts the assembly back as it was
    Take((IDictionary)Get(result, "Modules"));
    Console.WriteLine($"{Path.GetFileName(suite)}: exit {run.ExitCode}, {begun.Elapsed.TotalSeconds:F0} s");
    if (run.ExitCode != 0)
    {
        Console.Error.WriteLine(text);
        return 1;
    }
}

foreach (var file in reached.GroupBy(branch => branch.Key.File))
{
    var missed = file.Where(branch => !branch.Value).Select(branch => branch.Key.Line).Distinct();
    Console.WriteLine($"{file.Count(branch => branch.Value),5} of {file.Count(),5}  {Path.GetRelativePath(sources, file.Key)}  missed at {string.Join(' ', missed)}");
}

var (hit, all) = (reached.Values.Count(value => value), reached.Count);
var share = all == 0 ? 0 : 100.0 * hit / all;
Console.WriteLine($"count: {assembly}, {hit} of {all} branches reached, {share:F1} %");
return share >= least ? 0 : 1;

void Take(IDictionary modules)
{
    foreach (IDictionary documents in modules.Values)
    foreach (DictionaryEntry document in documents)
    {
        var file = (string)document.Key;
        if (!file.StartsWith(sources, StringComparison.Ordinal) || file.Contains("/obj/", StringComparison.Ordinal))
            continue;   // generated
        foreach (IDictionary methods in ((IDictionary)document.Value!).Values)
        foreach (DictionaryEntry method in methods)
        foreach (var branch in (IEnumerable)Get(method.Value!, "Branches"))
        {
            var key = (file, (int)Get(branch, "Line"), $"{method.Key} {Get(branch, "Offset")} {Get(branch, "EndOffset")} {Get(branch, "Path")} {Get(branch, "Ordinal")}");
            reached[key] = reached.GetValueOrDefault(key) || (int)Get(branch, "Hits") > 0;
        }
    }
}

// The core is internal to its package, so everything is asked for by name.
object Instrumented(string module)
{
    var core = Assembly.Load("coverlet.core");
    Type Of(string name) => core.GetTypes().Single(type => type.Name == name);
    var made = new Dictionary<Type, object>();
    object Make(Type wanted)
    {
        if (made.TryGetValue(wanted, out var known))
            return known;
        if (wanted.Name == "ILogger")
            return made[wanted] = Silent(wanted);
        var type = wanted.IsInterface ? core.GetTypes().Single(candidate => candidate.IsClass && candidate.Name == wanted.Name[1..]) : wanted;
        var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).MinBy(c => c.GetParameters().Length)!;
        return made[wanted] = constructor.Invoke([.. constructor.GetParameters().Select(parameter =>
            parameter.ParameterType == typeof(string) ? module : Make(parameter.ParameterType))]);
    }

    var parameters = Activator.CreateInstance(Of("CoverageParameters"), nonPublic: true)!;
    void Set(string name, object value) => parameters.GetType().GetProperty(name)!.SetValue(parameters, value);
    Set("IncludeFilters", new[] { $"[{assembly}]*" });
    Set("IncludeDirectories", Array.Empty<string>());
    Set("ExcludeFilters", Array.Empty<string>());
    Set("ExcludedSourceFiles", Array.Empty<string>());
    Set("ExcludeAttributes", Array.Empty<string>());
    Set("DoesNotReturnAttributes", new[] { "DoesNotReturnAttribute" });
    Set("IncludeTestAssembly", true);
    Set("ExcludeAssembliesWithoutSources", "None");
    made[parameters.GetType()] = parameters;
    var coverage = Of("Coverage").GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
        .Single(c => c.GetParameters().Any(parameter => parameter.ParameterType == parameters.GetType()));
    var instance = coverage.Invoke([.. coverage.GetParameters().Select(parameter =>
        parameter.ParameterType == typeof(string) ? module : Make(parameter.ParameterType))]);
    Call(instance, "PrepareModules");
    return instance;
}

static object Silent(Type logger) => typeof(DispatchProxy).GetMethods().Single(m => m.Name == "Create" && m.GetGenericArguments().Length == 2)
    .MakeGenericMethod(logger, typeof(SilentLogger)).Invoke(null, null)!;

static object Get(object from, string name) => from.GetType().GetProperty(name)?.GetValue(from)
    ?? from.GetType().GetField(name)?.GetValue(from) ?? throw new InvalidOperationException($"{from.GetType()} has no {name}");

static object Call(object on, string name) => on.GetType().GetMethod(name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)!.Invoke(on, null)!;
