#!/usr/bin/env python3
"""`muster server` beside etcd on the same disk, sync on, by the same client program: puts, linearizable ranges, watches, a million keys."""
import argparse
import contextlib
import json
import os
import pathlib
import socket
import statistics
import subprocess
import time

import measuring

CLIENT = str(measuring.ROOT / "bench/Etcd/bin/Release/net10.0/Muster.Bench.Etcd")
CLIENTS = (1, 64, 256)


def pinned(core, command):
    """One core for the client and another for each server, both servers alike, where there are two."""
    return ["taskset", "-c", str(core % os.cpu_count()), *command]


def client(*words):
    done = subprocess.run(pinned(0, [CLIENT, *map(str, words)]), check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


class Server:
    """Muster or etcd, started on a free port."""

    def __init__(self, name, directory):
        self.name, self.directory = name, directory / name
        with contextlib.ExitStack() as stack:
            ports = []
            for _ in range(2):
                free = stack.enter_context(socket.socket())
                free.bind(("127.0.0.1", 0))
                ports.append(free.getsockname()[1])
        self.address, self.peer = f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
        self.log = open(directory / f"{name}.log", "ab")
        self.start()

    def start(self):
        """Seconds until a key can be read."""
        if self.name == "muster":
            command = [measuring.MUSTER, "server", "--data", str(self.directory), "--listen", self.address.removeprefix("http://")]
        else:
            command = ["etcd", "--data-dir", str(self.directory), "--listen-client-urls", self.address, "--advertise-client-urls", self.address,
                       "--listen-peer-urls", self.peer, "--initial-advertise-peer-urls", self.peer, "--initial-cluster", f"default={self.peer}"]
        began = time.monotonic()
        self.process = subprocess.Popen(pinned(1, command), stdout=self.log, stderr=self.log)
        environment = {**os.environ, "ETCDCTL_API": "3"}
        while subprocess.run(["etcdctl", "--endpoints", self.address, "--dial-timeout", "0.2s", "--command-timeout", "0.5s", "get", "/none"],
                             env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            if time.monotonic() - began > 120 or self.process.poll() is not None:
                raise SystemExit(f"{self.name} does not serve; see {self.log.name}")
        return time.monotonic() - began

    def cpu(self):
        """Seconds of processor that the server and its children have used."""
        return sum(self.times(pid) for pid in self.pids())

    @staticmethod
    def times(pid):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def pids(self):
        found = [self.process.pid]
        for pid in found:
            with contextlib.suppress(OSError):
                found += map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found

    def memory(self):
        """MiB that the server holds."""
        lines = (line for pid in self.pids() for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
        return sum(int(line.split()[1]) for line in lines) / 1024

    def kill(self):
        for pid in reversed(self.pids()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.process.wait()


class Figures(dict):
    def add(self, name, value):
        self.setdefault(name, []).append(value)

    def median(self, name):
        return statistics.median(self[name])


def load(server, figures, kind, clients, seconds, rate=0):
    before = server.cpu()
    got = client("load", server.address, kind, clients, seconds, rate)
    name = f"{server.name}, {kind}, clients: {clients}" + (", at the same rate" if rate else "")
    if not rate:
        figures.add(name + ", /s", got["calls"] / got["seconds"])
        # A second of warming up is used as well.
        figures.add(name + ", server CPU-s per 1000", 1000 * (server.cpu() - before) / got["calls"] * got["seconds"] / (got["seconds"] + min(1, seconds)))
    figures.add(name + ", p99 ms", 1000 * got["p99"])


def measure(servers, figures, rounds, seconds, watchers):
    for turn in range(-1, rounds):
        kept = figures if turn >= 0 else Figures()          # the first turn warms up
        for kind in ("put", "range"):
            for clients in CLIENTS:
                for server in servers if turn % 2 else reversed(servers):
                    load(server, kept, kind, clients, seconds)
        for server in servers if turn % 2 else reversed(servers):
            kept.add(f"{server.name}, put to event, p50 ms", 1000 * client("watch", server.address, 200)["p50"])
            kept.add(f"{server.name}, {watchers} watchers all told, p50 ms", 1000 * client("watchers", server.address, watchers, 10)["p50"])


def same_rate(servers, figures, rounds, seconds):
    rate = 0.7 * min(figures.median(f"{server.name}, put, clients: 64, /s") for server in servers)
    for _ in range(rounds):
        for server in servers:
            load(server, figures, "put", 64, seconds, rate)


def many_keys(servers, figures, keys):
    for server in servers:
        figures.add(f"{server.name}, {keys} keys of 100 bytes, seconds to write", client("fill", server.address, keys, 100)["seconds"])
        figures.add(f"{server.name}, {keys} keys, memory MiB", server.memory())
        server.kill()
        figures.add(f"{server.name}, {keys} keys, seconds to start", server.start())
        figures.add(f"{server.name}, {keys} keys, memory MiB after start", server.memory())


def verdicts(figures, watchers, keys):
    def ratio(name, against=None):
        return figures.median(f"muster, {name}") / figures.median(f"etcd, {against or name}")
    found = [measuring.verdict(f"puts/s, {n} clients, Muster / etcd", ratio(f"put, clients: {n}, /s"), target, at_most=False)
             for n, target in zip(CLIENTS, (1.0, 1.5, 1.5))]
    found += [measuring.verdict(f"ranges/s, {n} clients, Muster / etcd", ratio(f"range, clients: {n}, /s"), 1.5, at_most=False) for n in CLIENTS]
    found.append(measuring.verdict("p99 of puts at the same rate, Muster / etcd", ratio("put, clients: 64, at the same rate, p99 ms"), 1.0))
    found.append(measuring.verdict("put to event, p50, Muster / etcd", ratio("put to event, p50 ms"), 0.7))
    found.append(measuring.verdict(f"{watchers} watchers all told, Muster / etcd", ratio(f"{watchers} watchers all told, p50 ms"), 1.0))
    found.append(measuring.verdict(f"{keys} keys, seconds to start", figures.median(f"muster, {keys} keys, seconds to start"), 5.0))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of 0.5 s, 20,000 keys; leaves no record")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    arguments = parser.parse_args()
    rounds, seconds = arguments.rounds or (1 if arguments.quick else 5), arguments.seconds or (0.5 if arguments.quick else 5)
    keys, watchers = (20_000, 100) if arguments.quick else (1_000_000, 1_000)
    began, figures = measuring.machine(), Figures()
    with measuring.workplace("etcd-serve") as directory:
        servers = [Server("muster", directory), Server("etcd", directory)]
        try:
            measure(servers, figures, rounds, seconds, watchers)
            same_rate(servers, figures, rounds, seconds)
            many_keys(servers, figures, keys)
        finally:
            for server in servers:
                server.kill()
    for name, values in figures.items():
        measuring.show(name, values, "")
    found = verdicts(figures, watchers, keys)
    measuring.save("etcd-serve", began, arguments.quick, seconds_each=seconds, verdicts=found,
                   figures={name: measuring.spread(values) for name, values in figures.items()})


if __name__ == "__main__":
    main()
