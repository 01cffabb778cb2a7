using System.Text;

namespace Muster.Raft.Replay;

/// <summary>Something on its way: a message, or the word of a member's own storage or state machine.</summary>
internal sealed record Flight(MemberId To, string Kind, bool IsLocal, Func<string, string> Text, Func<RaftCore, StepOutcome> Deliver)
{
    public static Flight Of(Message message)
    {
        var text = Describe.Letter(message);
        return new(
            message.To, text.Split(' ')[1], message.From == message.To, indent => Describe.Letter(message, indent),
            core => core.Step(new Input.Receive(message)));
    }
}

/// <summary>The members, the messages between them, and what carrying out Readys prints.</summary>
internal sealed class Interaction
{
    private readonly StringBuilder _out = new();
    private string _indent = "";

    public List<Node> Nodes { get; } = [];

    public List<Flight> Network { get; } = [];

    public string TakeOutput()
    {
        var text = _out.ToString();
        _out.Clear();
        return text;
    }

    public void Print(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            _out.Append(_indent).Append(line).Append('\n');
    }

    public void Indented(string header, Action action)
    {
        Print(header);
        _indent = "  ";
        action();
        _indent = "";
    }

    public void ProcessReady(Node node)
    {
        var ready = node.Core.TakeReady();
        PrintReady(node, ready);
        Network.AddRange(ready.Messages.Select(Flight.Of));
        if (node.IsPipelined)
        {
            if (NeedsStorage(ready))
                node.AppendWork.Enqueue(ready);
            if (ready.Committed.Length > 0)
                node.ApplyWork.Enqueue(ready);
            return;
        }

        Network.AddRange(ready.AfterStored.Where(message => message.To != node.Core.Id).Select(Flight.Of));
        node.Store(ready);
        if (ready.Committed.Length > 0)
            node.Apply(ready);
        foreach (var message in ready.AfterStored.Where(message => message.To == node.Core.Id))
            node.Core.Step(new Input.Receive(message));
        if (ready.Ticket is { } ticket)
            node.Core.Step(new Input.Persisted(ticket));
    }

    public void ProcessAppend(Node node)
    {
        if (!node.AppendWork.TryDequeue(out var ready))
        {
            Print("no append work to perform");
            return;
        }

        Print("Processing:\n" + AppendWork(node, ready, "", withResponses: false));
        node.Store(ready);
        var responses = AppendResponses(node, ready).ToList();
        Print("Responses:\n" + string.Join('\n', responses.Select(flight => flight.Text(""))));
        Network.AddRange(responses);
    }

    public void ProcessApply(Node node)
    {
        if (!node.ApplyWork.TryDequeue(out var ready))
        {
            Print("no apply work to perform");
            return;
        }

        Print("Processing:\n" + ApplyWork(node, ready, "", withResponses: false));
        var response = ApplyResponse(node, ready);
        Print("Responses:\n" + response.Text(""));
        Network.Add(response);
    }

    /// <summary>Delivers to a member, or drops, what is on its way to it.</summary>
    public int Deliver(MemberId to, string? kind, bool drop)
    {
        bool IsMeant(Flight flight) => flight.To == to && !(drop && flight.IsLocal) && (kind is null || flight.Kind == kind);
        var meant = Network.Where(IsMeant).ToList();
        Network.RemoveAll(IsMeant);
        foreach (var flight in meant)
        {
            Print((drop ? "dropped: " : "") + flight.Text(""));
            if (!drop && flight.Deliver(Nodes[(int)to.Number - 1].Core) is StepOutcome.Dropped dropped)
                Print(ErrorText(dropped.Reason));
        }

        return meant.Count;
    }

    public static string ErrorText(DropReason reason) => reason switch
    {
        DropReason.UnknownMember => "raft: cannot step as peer not found",
        DropReason.NoLeader or DropReason.NotLeader or DropReason.TransferUnderWay or DropReason.Removed => "raft proposal dropped",
        _ => "",
    };

    private static bool NeedsStorage(Ready ready) =>
        ready.Hard is not null || ready.Entries.Length > 0 || ready.Snapshot is not null || ready.AfterStored.Length > 0;

    private void PrintReady(Node node, Ready ready)
    {
        var text = new StringBuilder();
        if (ready.Soft is { } soft)
            text.Append($"Lead:{soft.Leader} State:{Describe.Role(soft.Role)}\n");
        if (ready.Hard is { } hard)
            text.Append($"HardState {Describe.Hard(hard)}\n");
        Section(text, "Entries:", ready.Entries.Select(Describe.Entry));
        if (ready.Snapshot is { } snapshot)
            text.Append($"Snapshot {Describe.Snapshot(snapshot)}\n");
        Section(text, "CommittedEntries:", ready.Committed.Select(Describe.Entry));
        Section(text, "Messages:", Messages(node, ready));
        Print(text.Length == 0 ? "<empty Ready>" : $"Ready MustSync={(ready.MustSync ? "true" : "false")}:\n{text}");
    }

    private static IEnumerable<string> Messages(Node node, Ready ready)
    {
        foreach (var message in ready.Messages)
            yield return Describe.Letter(message);
        if (!node.IsPipelined)
        {
            foreach (var message in ready.AfterStored.Where(message => message.To != node.Core.Id))
                yield return Describe.Letter(message);
            yield break;
        }

        if (NeedsStorage(ready))
            yield return AppendWork(node, ready, "", withResponses: true);
        if (ready.Committed.Length > 0)
            yield return ApplyWork(node, ready, "", withResponses: true);
    }

    private static void Section(StringBuilder text, string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count > 0)
            text.Append(title).Append('\n').AppendJoin('\n', all).Append('\n');
    }

    private static string AppendWork(Node node, Ready ready, string indent, bool withResponses)
    {
        var hard = ready.Hard ?? default;
        var text = $"{node.Core.Id}->AppendThread MsgStorageAppend Term:{hard.Term} Log:0/0"
            + (hard.Committed == LogIndex.None ? "" : $" Commit:{hard.Committed}") + (hard.Vote.IsSome ? $" Vote:{hard.Vote}" : "")
            + Describe.Entries([.. ready.Entries.Select(Describe.Entry)], indent)
            + (ready.Snapshot is { } snapshot ? $"\n  Snapshot: {Describe.Snapshot(snapshot)}" : "");
        var responses = AppendResponses(node, ready).ToList();
        return !withResponses || responses.Count == 0
            ? text
            : text + " Responses:[\n" + string.Join('\n', responses.Select(flight => flight.Text("  "))) + "\n]";
    }

    private static string ApplyWork(Node node, Ready ready, string indent, bool withResponses) =>
        $"{node.Core.Id}->ApplyThread MsgStorageApply Term:0 Log:0/0"
        + Describe.Entries([.. ready.Committed.Select(Describe.Entry)], indent)
        + (withResponses ? $" Responses:[\n{ApplyResponse(node, ready).Text("  ")}\n]" : "");

    private static IEnumerable<Flight> AppendResponses(Node node, Ready ready)
    {
        foreach (var message in ready.AfterStored)
            yield return Flight.Of(message);
        if (ready.Ticket is not { } ticket)
            yield break;
        var text = $"AppendThread->{node.Core.Id} MsgStorageAppendResp Term:{ticket.Term} Log:{ticket.Last ?? default}"
            + (ready.Snapshot is { } snapshot ? $"\n  Snapshot: {Describe.Snapshot(snapshot)}" : "");
        yield return new(node.Core.Id, "MsgStorageAppendResp", true, indent => indent + text, core => core.Step(new Input.Persisted(ticket)));
    }

    private static Flight ApplyResponse(Node node, Ready ready) => new(
        node.Core.Id, "MsgStorageApplyResp", true,
        indent => $"{indent}ApplyThread->{node.Core.Id} MsgStorageApplyResp Term:0 Log:0/0"
            + Describe.Entries([.. ready.Committed.Select(Describe.Entry)], indent),
        _ =>
        {
            node.Apply(ready);
            return new StepOutcome.Taken();
        });
}
