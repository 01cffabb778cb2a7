using System.Globalization;
using Muster.Codecs.TcpStore;
using static Muster.Coordination.Tests.TcpStore.Wire;
using Muster.Codecs;
using Muster.Coordination.TcpStore;
using Muster.Primitives;

namespace Muster.Coordination.Tests.TcpStore;

/// <summary>
/// Scenarios in text: a line is "connection: request" and, after "->", every reply it caused, "connection=reply" where it goes to another one.
/// </summary>
public sealed class TcpStoreNamespaceTests
{
    [Fact]
    public void A_value_is_opaque_and_an_empty_one_is_a_key() => Play("""
        1: set k v            ->
        1: get k              -> v
        1: set e              ->
        1: check e            -> 0
        1: get e              ->
        1: check e none       -> 1
        1: count              -> 2
        1: append k w         ->
        1: append new x       ->
        1: mget k none new    -> vw,,x
        1: delete k           -> 1
        1: delete k           -> 0
        1: check              -> 0
        1: keys               -> e,new
        """);

    [Fact]
    public void A_compare_and_set_answers_as_PyTorchs_server_even_where_it_lies() => Play("""
        1: cas k expected new -> expected
        1: check k            -> 1
        1: cas k - one        -> one
        1: cas k zero two     -> one
        1: cas k one two      -> two
        1: set empty          ->
        1: cas empty - full   -> full
        """);

    [Fact]
    public void Numbers_are_decimal_text() => Play("""
        1: add n 0            -> 0
        1: add n 41           -> 41
        1: add n -1           -> 40
        1: get n              -> 40
        1: set t +7tail       ->
        1: add t 1            -> 8
        """);

    [Fact]
    public void A_wait_ends_when_each_key_was_set_once() => Play("""
        1: wait a b a         ->
        2: set a 1            ->
        2: delete a           -> 1
        2: cas b - 1          -> 1=0 | 1
        1: wait b             -> 0
        3: wait c             ->
        4: wait c             ->
        2: add c 1            -> 3=0 | 4=0 | 1
        """);

    [Fact]
    public void A_cancelled_wait_is_never_heard_of_again() => Play("""
        1: wait a             ->
        1: cancel             -> 1
        2: set a 1            ->
        1: cancel             -> 1
        """);

    [Fact]
    public void Whoever_asks_anew_waits_no_longer() => Play("""
        1: wait a             ->
        1: get b              ->
        2: set a 1            ->
        """);

    [Fact]
    public void Who_hangs_up_waits_no_longer() => Play("""
        1: wait a             ->
        1: hangup
        2: set a 1            ->
        """);

    [Fact]
    public void A_queue_wakes_one_waiter_for_each_value() => Play("""
        1: wait q             ->
        2: wait q             ->
        3: push q a           -> 1=0
        1: pop q              -> 1 a
        1: pop q              -> 0
        3: push q b           -> 2=0
        3: push q c           ->
        3: qlen q             -> 2
        2: pop q              -> 2 b
        3: wait q             -> 0
        3: count              -> 0
        3: delete q           -> 0
        """);

    [Fact]
    public void A_barrier_opens_for_all_when_the_last_arrives_and_stays_open() => Play("""
        1: barrier b 3        ->
        2: barrier b 3        ->
        2: cancel             -> 1
        3: barrier b 3        -> 1=0 | 0
        4: barrier b 3        -> 0
        4: get b              -> 4
        """);

    [Fact]
    public void A_number_added_to_text_is_refused()
    {
        var store = new TcpStoreNamespace();
        store.Handle(1, new TcpStoreRequest.Set(Text("k"), Text("abc")));
        var refused = Assert.Throws<CodecException>(() => store.Handle(1, new TcpStoreRequest.Add(Text("k"), 1)));
        Assert.Contains("'k' is 'abc', which is no number", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_exceed_the_stores_limit_is_refused_and_what_was_deleted_makes_room()
    {
        var store = new TcpStoreNamespace(bytesMax: 10);
        store.Handle(1, new TcpStoreRequest.Set(Text("k"), Text("12345678")));
        Assert.Throws<CodecException>(() => store.Handle(1, new TcpStoreRequest.Set(Text("l"), Text("1"))));
        Assert.Equal(9, store.Bytes);
        store.Handle(1, new TcpStoreRequest.Set(Text("k"), Text("1")));
        store.Handle(1, new TcpStoreRequest.Set(Text("l"), Text("1234567")));
        store.Handle(1, new TcpStoreRequest.Delete(Text("k")));
        Assert.Equal(8, store.Bytes);
    }

    private static void Play(string scenario)
    {
        var store = new TcpStoreNamespace();
        foreach (var line in scenario.Split('\n', StringSplitOptions.TrimEntries))
        {
            var (head, expected) = line.Split("->", StringSplitOptions.TrimEntries) is [var asked, var answers] ? (asked, answers) : (line, "");
            var words = head.Split(':', 2, StringSplitOptions.TrimEntries);
            var connection = long.Parse(words[0], CultureInfo.InvariantCulture);
            if (words[1] == "hangup")
                store.Closed(connection);
            else
                store.Handle(connection, Request(words[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
            var said = string.Join(" | ", store.Replies.Select(reply => (reply.Connection == connection ? "" : $"{reply.Connection}=") + Show(reply.Reply)));
            store.Drained();
            Assert.Equal($"{head} -> {expected}", $"{head} -> {said}");
        }
    }

    private static TcpStoreRequest Request(string[] words) => words switch
    {
        ["set", var k, ..] => new TcpStoreRequest.Set(Text(k), Word(words, 2)),
        ["get", var k] => new TcpStoreRequest.Get(Text(k)),
        ["mget", .. var keys] => new TcpStoreRequest.MultiGet([.. keys.Select(Text)]),
        ["check", .. var keys] => new TcpStoreRequest.Check([.. keys.Select(Text)]),
        ["wait", .. var keys] => new TcpStoreRequest.Wait([.. keys.Select(Text)]),
        ["cas", var k, ..] => new TcpStoreRequest.CompareSet(Text(k), Word(words, 2), Word(words, 3)),
        ["add", var k, var n] => new TcpStoreRequest.Add(Text(k), long.Parse(n, CultureInfo.InvariantCulture)),
        ["append", var k, ..] => new TcpStoreRequest.Append(Text(k), Word(words, 2)),
        ["count"] => new TcpStoreRequest.CountKeys(),
        ["keys"] => new TcpStoreRequest.ListKeys(),
        ["delete", var k] => new TcpStoreRequest.Delete(Text(k)),
        ["cancel"] => new TcpStoreRequest.CancelWait(),
        ["push", var q, ..] => new TcpStoreRequest.QueuePush(Text(q), Word(words, 2)),
        ["pop", var q] => new TcpStoreRequest.QueuePop(Text(q)),
        ["qlen", var q] => new TcpStoreRequest.QueueLength(Text(q)),
        ["barrier", var k, var n] => new TcpStoreRequest.Barrier(Text(k), long.Parse(n, CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException($"no request is written '{string.Join(' ', words)}'"),
    };

    private static ByteString Word(string[] words, int index) => index < words.Length && words[index] != "-" ? Text(words[index]) : ByteString.Empty;

    private static string Show(TcpStoreReply reply) => reply switch
    {
        TcpStoreReply.Value value => value.Bytes.ToString(),
        TcpStoreReply.Values values => string.Join(',', values.All),
        TcpStoreReply.Keys keys => string.Join(',', keys.All),
        TcpStoreReply.Number number => number.Count.ToString(CultureInfo.InvariantCulture),
        TcpStoreReply.Signal signal => ((int)signal.What).ToString(CultureInfo.InvariantCulture),
        TcpStoreReply.Popped popped => $"{popped.Before} {popped.Oldest}".TrimEnd(),
        _ => reply.ToString(),
    };
}
