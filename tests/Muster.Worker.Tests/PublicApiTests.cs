using System.Reflection;
using System.Runtime.CompilerServices;

namespace Muster.Worker.Tests;

public sealed class PublicApiTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void The_public_api_is_the_one_written_down()
    {
        var api = string.Concat(Lines().Select(line => line + "\n"));
        var file = Path.Combine(SourceFolder(), "PublicApi.txt");
        if (Environment.GetEnvironmentVariable("MUSTER_REWRITE") == "1")
            File.WriteAllText(file, api);

        var written = File.ReadAllText(file);

        Assert.True(written == api, $"The public API changed. Look at the difference after MUSTER_REWRITE=1, which rewrites {file}.");
    }

    private static IEnumerable<string> Lines() =>
        from type in typeof(TrainingRun).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)
        from line in Members(type).Order(StringComparer.Ordinal).Prepend(Head(type))
        select line;

    private static string Head(Type type)
    {
        var bases = new[] { type.BaseType }.Concat(type.GetInterfaces())
            .Where(b => b is not null && b != typeof(object) && b != typeof(ValueType) && b.IsVisible).Select(b => Name(b!)).Order(StringComparer.Ordinal);
        var kind = type.IsInterface ? "interface" : type.IsEnum ? "enum" : type.IsValueType ? "struct" : "class";
        return $"{kind} {type.FullName} : {string.Join(", ", bases)}";
    }

    private static IEnumerable<string> Members(Type type) => type.GetMembers(Declared)
        .Where(member => member is not MethodBase { IsSpecialName: true } and not Type || member is ConstructorInfo)
        .Where(member => member.GetCustomAttribute<CompilerGeneratedAttribute>() is null)
        .Select(member => "    " + member switch
        {
            ConstructorInfo constructor => $"new({Parameters(constructor)})",
            MethodInfo method => $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{Generics(method)}({Parameters(method)})",
            PropertyInfo property => $"{Name(property.PropertyType)} {property.Name} {{{Accessors(property)} }}",
            FieldInfo field => $"{Name(field.FieldType)} {field.Name}",
            _ => member.ToString()!,
        });

    private static string Accessors(PropertyInfo property) =>
        (property.GetMethod?.IsPublic == true ? " get;" : "") + (property.SetMethod?.IsPublic == true ? " set;" : "");

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters()
        .Select(p => $"{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "null"}" : "")}"));

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
