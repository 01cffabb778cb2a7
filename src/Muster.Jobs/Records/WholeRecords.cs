using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;

namespace Muster.Jobs.Records;

/// <summary>Records as they are used: nothing missing. What JSON leaves out of a positional record would be null in it.</summary>
internal static class WholeRecords
{
    /// <exception cref="JsonException">Something is missing that has no default.</exception>
    public static T Of<T>(T record)
        where T : class => (T)(record switch
        {
            SpecificationRecord specification => specification with { Specification = WholeSpecification.Of(specification.Specification) },
            GenerationRecord generation => Of(generation),
            StatusRecord status => Of(status),
            CurrentRecord current => current with { RestoreFrom = Of(current.RestoreFrom) },
            CheckpointRecord checkpoint => Of(checkpoint),
            SecretsRecord secrets => Of(secrets),
            EventRecord { Event: { Kind: not null, Text: not null } } happened => happened,
            EventRecord => Missing<object>("the event's kind or text"),
            _ => (object)record,
        });

    private static GenerationRecord Of(GenerationRecord record)
    {
        var nodes = WholeSpecification.List(record.Nodes);
        if (nodes.Any(node => node.Node.Name is null || node.Address is null))
            Missing<object>("a node's name or address");
        return record with
        {
            Nodes = [.. nodes.Select(node => node with { Gpus = WholeSpecification.List(node.Gpus) })],
            RestoreFrom = Of(record.RestoreFrom),
            Specification = WholeSpecification.Of(record.Specification),
        };
    }

    private static StatusRecord Of(StatusRecord record)
    {
        var restarts = WholeSpecification.List(record.Restarts);
        var suspects = WholeSpecification.List(record.Suspects);
        if (restarts.Any(restart => restart.Reason is null) || suspects.Any(suspect => suspect.Checkpoint is null || suspect.Why is null))
            Missing<object>("a restart's reason, or a suspect's checkpoint or reason");
        return record with { Restarts = restarts, Suspects = suspects, Result = Of(record.Result) };
    }

    private static CheckpointRecord Of(CheckpointRecord record) => record.Quarantine is { Why: null }
        ? Missing<CheckpointRecord>("the quarantine's reason")
        : record with { Checkpoint = Of(record.Checkpoint)! };

    private static SecretsRecord Of(SecretsRecord record)
    {
        var values = WholeSpecification.Map(record.Values);
        return values.ContainsValue(null!) ? Missing<SecretsRecord>("a secret's value") : record with { Values = values };
    }

    private static CheckpointReference? Of(CheckpointReference? reference) =>
        reference is { Manifest: null } ? Missing<CheckpointReference>("a manifest's digest") : reference;

    [DoesNotReturn]
    private static T Missing<T>(string what) => throw new JsonException($"{what} is missing");
}
