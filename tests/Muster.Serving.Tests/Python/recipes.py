"""Leases, locks and the usual leadership recipe of python-etcd3 against a server; prints what happened, without ids and times."""

import sys
import threading
import time

import etcd3

host, port = sys.argv[1].rsplit(":", 1)


def connect():
    return etcd3.client(host=host, port=int(port), timeout=20)


def say(*words):
    print(*words, flush=True)


def keys_and_ranges(client):
    client.put("k/a", "1")
    client.put("k/b", "2", prev_kv=True)
    client.put("k/a", "3")
    value, meta = client.get("k/a")
    say("get", value, meta.key, meta.version, meta.create_revision, meta.mod_revision)
    say("missing", client.get("k/none"))
    say("prefix", [(v, m.key) for v, m in client.get_prefix("k/", sort_order="descend", sort_target="value")])
    say("range", [(v, m.key) for v, m in client.get_range("k/a", "k/b")])
    say("replace", client.replace("k/a", "3", "4"), client.replace("k/a", "3", "5"))
    say("absent", client.put_if_not_exists("k/c", "1"), client.put_if_not_exists("k/c", "2"))
    done, answers = client.transaction(
        compare=[client.transactions.value("k/a") == "4", client.transactions.version("k/b") > 0],
        success=[client.transactions.put("k/d", "1"), client.transactions.get("k/a")],
        failure=[client.transactions.delete("k/a")])
    say("transaction", done, [len(a) if isinstance(a, list) else "put" for a in answers])
    say("delete", client.delete("k/d"), client.delete("k/d"), client.delete_prefix("k/").deleted)


def watching(client):
    seen, done = [], threading.Event()

    def told(response):
        for event in getattr(response, "events", []):
            seen.append((type(event).__name__, event.key, event.value))
        if len(seen) >= 4:
            done.set()

    first = client.put("w/0", "0").header.revision
    watch = client.add_watch_prefix_callback("w/", told, start_revision=first)
    client.put("w/1", "1")
    client.put("w/1", "2")
    client.delete("w/1")
    say("all told", done.wait(20), seen)
    client.cancel_watch(watch)
    client.compact(first + 2)
    try:
        events, cancel = client.watch_prefix("w/", start_revision=first)
        for event in events:
            say("unexpected", event)
    except etcd3.exceptions.RevisionCompactedError as error:
        say("compacted at", error.compacted_revision - first)


def leases(client):
    lease = client.lease(30)
    client.put("l/a", "1", lease=lease)
    client.put("l/b", "1", lease=lease)
    say("granted", lease.granted_ttl, 25 < lease.remaining_ttl <= 30, sorted(lease.keys))
    say("kept", [answer.TTL for answer in lease.refresh()])
    lease.revoke()
    say("revoked", client.get("l/a"), client.get("l/b"))
    say("after", [answer.TTL for answer in lease.refresh()])
    short = client.lease(2)
    client.put("l/short", "1", lease=short)
    gone = threading.Event()
    client.add_watch_callback("l/short", lambda response: gone.set(), start_revision=client.get("l/short")[1].mod_revision + 1)
    say("expired", gone.wait(20), client.get("l/short"))


def attempt(lock):
    """One attempt. The library's waiting for a lock does not go with newer versions of tenacity: it ends in a TypeError."""
    try:
        return lock.acquire(timeout=0)
    except TypeError:
        return False


def locks(client):
    other = connect()
    mine, theirs = client.lock("resource", ttl=30), other.lock("resource", ttl=30)
    say("mine", attempt(mine), mine.is_acquired())
    say("theirs", attempt(theirs), theirs.is_acquired())
    got = []

    def wait():
        while not attempt(theirs):
            time.sleep(0.05)
        got.append(True)

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.2)
    say("released", mine.release())
    waiter.join(20)
    say("passed on", got, mine.is_acquired(), theirs.is_acquired())
    with client.lock("another", ttl=30) as held:
        say("with", held.is_acquired())
    say("given back", held.is_acquired(), theirs.release())


def leadership():
    """Transaction on version == 0, put with a lease, a watch for the key's deletion, refresh: three candidates, the leader dies twice."""
    path, terms, lock = "service/leader", [], threading.Lock()
    finished = threading.Event()

    def candidate(name):
        client = connect()
        while not finished.is_set():
            lease = client.lease(3)
            won, _ = client.transaction(
                compare=[client.transactions.version(path) == 0],
                success=[client.transactions.put(path, name, lease)], failure=[])
            if won:
                with lock:
                    terms.append(name)
                    last = len(terms) == 3
                for _ in range(3):
                    lease.refresh()
                    time.sleep(0.1)
                if last:
                    finished.set()
                lease.revoke()       # dies
                return
            gone = threading.Event()
            watch = client.add_watch_callback(
                path, lambda response: [gone.set() for event in getattr(response, "events", [])
                                        if isinstance(event, etcd3.events.DeleteEvent)])
            # What the recipe misses, as written in most places: a deletion between the lost transaction and the watch.
            gone.wait(1)
            client.cancel_watch(watch)

    threads = [threading.Thread(target=candidate, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    say("each led once", sorted(terms))


client = connect()
keys_and_ranges(client)
watching(client)
leases(client)
locks(client)
leadership()
say("status", client.status().db_size > 0, client.status().leader is not None, len(list(client.members)))
say("end")
