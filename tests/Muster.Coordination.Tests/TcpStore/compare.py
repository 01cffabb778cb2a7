"""The same random operations by 16 clients of PyTorch's own TCPStore server and of the server at the port given: equal results, or exit 1.

Arguments: port, operations, seed. Each client has keys of its own, where every result is determined, and counters that all share, whose sums are.
"""
import collections
import datetime
import multiprocessing
import random
import sys

from torch.distributed import TCPStore

CLIENTS, SECOND = 16, datetime.timedelta(seconds=1)
port, operations, seed = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def connect(where):
    return TCPStore("127.0.0.1", where, None, False, datetime.timedelta(seconds=60))


def draw(chance, client):
    key = f"{client}.{chance.randrange(12)}"
    # Rarely a large one: with PyTorch 1.13's client a compare_set after it takes 60 ms or more, whoever serves.
    size = chance.randrange(200) if chance.random() < 0.999 else chance.randrange(20_000)
    value = chance.choice(["", "0", "7", "-3", "x" * size, f"value {chance.randrange(5)}"])
    kind = chance.choices(["set", "get", "add", "compare_set", "wait", "delete_key", "shared"], [6, 6, 4, 6, 2, 2, 4])[0]
    if kind == "set":
        return kind, (key, value)
    if kind == "add":
        return kind, (f"{client}.number.{chance.randrange(3)}", chance.randrange(-100, 100))
    if kind == "compare_set":
        return kind, (key, chance.choice(["", "0", "7", f"value {chance.randrange(5)}"]), value)
    if kind == "shared":
        return kind, (f"shared.{chance.randrange(3)}", chance.randrange(100))
    return kind, (key,)


def perform(store, present, kind, arguments):
    if kind == "shared":
        store.add(*arguments)
        return None  # what it is now depends on the others
    if kind in ("get", "wait") and arguments[0] not in present:
        return None  # it would wait for the key
    return store.wait(list(arguments), SECOND) if kind == "wait" else getattr(store, kind)(*arguments)


def client(number, theirs, results):
    chance, stores, present, counts = random.Random(seed * 1000 + number), [connect(theirs), connect(port)], set(), collections.Counter()
    for _ in range(operations // CLIENTS):
        kind, arguments = draw(chance, number)
        both = [perform(store, present, kind, arguments) for store in stores]
        counts[kind] += 1
        if both[0] != both[1]:
            results.put((counts, f"client {number}: {kind}{arguments}: PyTorch's server {both[0]!r}, this one {both[1]!r}"))
            return
        if kind in ("set", "add") or (kind == "compare_set" and arguments[0] not in present and not arguments[1]):
            present.add(arguments[0])
        elif kind == "delete_key":
            present.discard(arguments[0])
    results.put((counts, None))


# Processes, not threads: PyTorch 1.13's client makes Python objects without holding the interpreter's lock.
forking = multiprocessing.get_context("fork")
server = TCPStore("127.0.0.1", 0, None, True, datetime.timedelta(seconds=60))
results = forking.Queue()
clients = [forking.Process(target=client, args=(number, server.port, results)) for number in range(CLIENTS)]
for process in clients:
    process.start()
counts, problems = collections.Counter(), []
for _ in clients:
    more, problem = results.get(timeout=600)
    counts += more
    problems += [problem] if problem else []
for process in clients:
    process.join()
ours = connect(port)
sums = [[store.add(f"shared.{i}", 0) for i in range(3)] + [store.num_keys()] for store in (server, ours)]
if sums[0] != sums[1]:
    problems.append(f"sums and keys: PyTorch's server {sums[0]}, this one {sums[1]}")
for problem in problems[:10]:
    print(problem)
print(f"count: {counts.total()} operations by {CLIENTS} clients of two servers: " + ", ".join(f"{k} {n}" for k, n in sorted(counts.items())))
sys.exit(bool(problems))
