"""The same random operations by 16 clients of PyTorch's own TCPStore server and of the server at the port given: equal results, or exit 1.

Arguments: port, operations, seed. Each client has keys of its own, where every result is determined, and counters that all share, whose sums are.
"""
import datetime
import random
import sys
import threading

from torch.distributed import TCPStore

CLIENTS, SECOND = 16, datetime.timedelta(seconds=1)
port, operations, seed = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
theirs = TCPStore("127.0.0.1", 0, None, True, datetime.timedelta(seconds=60))
problems, counts = [], {}


def draw(chance, client):
    key = f"{client}.{chance.randrange(12)}"
    value = chance.choice(["", "0", "7", "-3", "x" * chance.randrange(2000), f"value {chance.randrange(5)}"])
    kind = chance.choices(["set", "get", "add", "compare_set", "wait", "delete_key", "shared"], [6, 6, 4, 6, 2, 2, 4])[0]
    if kind == "set":
        return kind, (key, value)
    if kind == "add":
        return kind, (f"{client}.number.{chance.randrange(3)}", chance.randrange(-100, 100))
    if kind == "compare_set":
        return kind, (key, chance.choice(["", "0", "7", f"value {chance.randrange(5)}"]), value)
    if kind == "shared":
        return "add", (f"shared.{chance.randrange(3)}", chance.randrange(100))
    return kind, (key,)


def perform(store, present, kind, arguments):
    if kind in ("get", "wait"):
        # A missing key would be waited for: its absence is compared where it is cheap.
        if arguments[0] not in present:
            return "missing"
        if kind == "wait":
            return store.wait(list(arguments), SECOND)
    result = getattr(store, kind)(*arguments)
    return "shared" if arguments[0].startswith("shared") else result


def client(number):
    chance = random.Random(seed * 1000 + number)
    stores = [TCPStore("127.0.0.1", p, None, False, datetime.timedelta(seconds=60)) for p in (theirs.port, port)]
    present = set()
    for _ in range(operations // CLIENTS):
        kind, arguments = draw(chance, number)
        results = [perform(store, present, kind, arguments) for store in stores]
        counts[kind] = counts.get(kind, 0) + 1
        if results[0] != results[1]:
            problems.append(f"client {number}: {kind}{arguments}: PyTorch's server {results[0]!r}, this one {results[1]!r}")
            return
        if kind in ("set", "add") or (kind == "compare_set" and results[0] == arguments[2].encode() and (arguments[0] in present or not arguments[1])):
            present.add(arguments[0])
        elif kind == "delete_key":
            present.discard(arguments[0])


threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
ours = TCPStore("127.0.0.1", port, None, False, datetime.timedelta(seconds=60))
for i in range(3):
    sums = theirs.add(f"shared.{i}", 0), ours.add(f"shared.{i}", 0)
    if sums[0] != sums[1]:
        problems.append(f"shared.{i}: {sums}")
if theirs.num_keys() != ours.num_keys():
    problems.append(f"keys: {theirs.num_keys()}, {ours.num_keys()}")
for problem in problems[:10]:
    print(problem)
print(f"count: {sum(counts.values())} operations by {CLIENTS} clients of two servers: " + ", ".join(f"{k} {n}" for k, n in sorted(counts.items())))
sys.exit(bool(problems))
