using System.Text;
using Muster.Jobs.Specification;

namespace Muster.Codecs.JobFile;

/// <summary>Writes a specification as a job file with every default filled in: what <c>muster plan</c> shows.</summary>
/// <remarks>Reading what was written gives the same specification; writing that gives the same text.</remarks>
public static class JobFileWriter
{
    /// <summary>The job file.</summary>
    public static string Write(JobSpecification job)
    {
        var text = new StringBuilder();
        var section = "";
        foreach (var field in JobFileFields.All)
        {
            if (field.Write(job) is not { } value)
                continue;
            var dot = field.Key.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && field.Key[..dot] != section)
                text.Append(section = field.Key[..dot]).Append(":\n");
            text.Append(dot > 0 ? "  " : "").Append(field.Key[(dot + 1)..]).Append(':').Append(value.StartsWith('\n') ? "" : " ").Append(value).Append('\n');
        }

        return text.ToString();
    }
}
