using System.Collections.Immutable;
using Muster.Jobs.Keepers;
using Muster.Primitives;

namespace Muster.Jobs.Agents;

/// <summary>What happened to an agent.</summary>
public abstract record AgentInput
{
    private AgentInput() { }

    /// <summary>It starts; first of all inputs.</summary>
    public sealed record Begun(Instant Now) : AgentInput;

    /// <summary>The link to a server opened, or so it seems.</summary>
    public sealed record ServerConnected(Instant Now) : AgentInput;

    /// <summary>It closed.</summary>
    public sealed record ServerClosed(string Why, Instant Now) : AgentInput;

    /// <summary>A server spoke.</summary>
    public sealed record ServerSaid(ServerMessage Message, Instant Now) : AgentInput;

    /// <summary>A keeper's process was started.</summary>
    public sealed record KeeperStarted(JobId Job, HostProcess Process, Instant Now) : AgentInput;

    /// <summary>It could not be.</summary>
    public sealed record KeeperNotStarted(JobId Job, string Why, Instant Now) : AgentInput;

    /// <summary>A keeper's process ended, seen by its parent or by a look.</summary>
    public sealed record KeeperExited(JobId Job, HostProcess Process, Instant Now) : AgentInput;

    /// <summary>The link to a keeper closed, or could not be opened.</summary>
    public sealed record KeeperClosed(JobId Job, HostProcess Process, bool ProcessAlive, Instant Now) : AgentInput;

    /// <summary>A keeper spoke.</summary>
    public sealed record KeeperSaid(JobId Job, KeeperMessage Message, Instant Now) : AgentInput;

    /// <summary>What a keeper that is gone left on disk; null: nothing.</summary>
    public sealed record JournalRead(JobId Job, KeeperJournal? Journal, Instant Now) : AgentInput;

    /// <summary>The process table was read.</summary>
    public sealed record Swept(ImmutableArray<SeenProcess> Processes, Instant Now) : AgentInput;

    /// <summary>Time passes; may come at any time, and comes at least five times a second.</summary>
    public sealed record Tick(Instant Now) : AgentInput;
}

/// <summary>What an agent's shell must do, in order.</summary>
public abstract record AgentEffect
{
    private AgentEffect() { }

    /// <summary>Make the journal durable before anything that follows.</summary>
    public sealed record Persist(AgentJournal Journal) : AgentEffect;

    /// <summary>Call a server; answer <see cref="AgentInput.ServerConnected"/> or <see cref="AgentInput.ServerClosed"/>.</summary>
    public sealed record CallServer(string Address) : AgentEffect;

    /// <summary>Close the link to the server.</summary>
    public sealed record HangUpServer : AgentEffect;

    /// <summary>Tell the server, if the link is open.</summary>
    public sealed record TellServer(AgentMessage Message) : AgentEffect;

    /// <summary>Start a keeper; answer <see cref="AgentInput.KeeperStarted"/> or <see cref="AgentInput.KeeperNotStarted"/>.</summary>
    /// <param name="Job">Its job.</param>
    /// <param name="Leader">The coordinator on whose behalf: the keeper obeys none before it.</param>
    /// <param name="Generation">The generation it is for: the keeper starts none before it.</param>
    public sealed record StartKeeper(JobId Job, FencingToken Leader, Generation Generation) : AgentEffect;

    /// <summary>Call a keeper; when the link closes, answer <see cref="AgentInput.KeeperClosed"/> with a look at its process.</summary>
    public sealed record CallKeeper(JobId Job, HostProcess Process) : AgentEffect;

    /// <summary>Tell a keeper, if its link is open.</summary>
    public sealed record TellKeeper(JobId Job, KeeperOrder Order) : AgentEffect;

    /// <summary>Kill a process.</summary>
    public sealed record Kill(HostProcess Process) : AgentEffect;

    /// <summary>Read the process table; answer <see cref="AgentInput.Swept"/>.</summary>
    public sealed record Sweep : AgentEffect;

    /// <summary>Read what a keeper left; answer <see cref="AgentInput.JournalRead"/>.</summary>
    public sealed record ReadJournal(JobId Job) : AgentEffect;

    /// <summary>Delete a keeper's journal: the job is forgotten. Output stays.</summary>
    public sealed record Forget(JobId Job) : AgentEffect;

    /// <summary>Write a line for people.</summary>
    public sealed record Note(string Text) : AgentEffect;

    /// <summary>Send a <see cref="AgentInput.Tick"/> after a time.</summary>
    public sealed record WakeAfter(TimeSpan Delay) : AgentEffect;
}
