using System.Reflection;

namespace Muster.Coverage;

/// <summary>Says only what went wrong.</summary>
public class SilentLogger : DispatchProxy
{
    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name is "LogError" or "LogWarning")
            Console.Error.WriteLine(string.Join(' ', args!));
        return null;
    }
}
