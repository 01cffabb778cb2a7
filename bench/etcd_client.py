#!/usr/bin/env python3
"""Puts a second of Muster's etcd client beside those of the Go client, under the load of `etcdctl check perf` (keys of 256 bytes, values of
1,024, 1,000 clients), on one etcd on one disk, one after the other. The target: at least 0.8 of the Go client's."""
import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import time

import measuring

PROGRAM = str(measuring.ROOT / "bench/EtcdClient/bin/Release/net10.0/Muster.Bench.EtcdClient")
CLIENTS = 1000      # as --load=xl has it; its own limit of 15,000 puts/s is above what the server does


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_etcd(directory):
    client, peer = free_port(), free_port()
    process = subprocess.Popen(
        ["etcd", "--data-dir", str(directory / "etcd"), "--logger", "zap", "--log-level", "error", "--quota-backend-bytes", str(8 << 30),
         "--listen-client-urls", f"http://127.0.0.1:{client}", "--advertise-client-urls", f"http://127.0.0.1:{client}",
         "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
         "--initial-cluster", f"default=http://127.0.0.1:{peer}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", client), 1).close()
            return process, f"127.0.0.1:{client}"
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise SystemExit("etcd did not start")


def go_client(endpoint):
    """`check perf` always takes 60 s; it says the puts a second whether it calls them enough or not."""
    done = subprocess.run(["etcdctl", f"--endpoints={endpoint}", "check", "perf", "--load=xl", "--auto-compact"],
                          env={**os.environ, "ETCDCTL_API": "3"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    found = re.search(r"(\d+) writes/s", done.stdout)
    if not found:
        raise SystemExit(f"etcdctl says no puts a second: {done.stdout[-400:]}")
    return float(found.group(1))


def our_client(endpoint, seconds):
    done = subprocess.run([PROGRAM, endpoint, str(CLIENTS), str(seconds)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 s of ours only, since etcdctl's takes a minute; leaves no record")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    began = measuring.machine()
    ours, theirs, cpu = [], [], []
    with measuring.workplace("etcd-client") as directory:
        process, endpoint = start_etcd(directory)
        try:
            our_client(endpoint, 1)      # warms both up
            for _ in range(1 if arguments.quick else arguments.rounds):
                row = our_client(endpoint, 3 if arguments.quick else 60)
                ours.append(row["puts"] / row["seconds"])
                cpu.append(1000 * row["cpu_seconds"] / row["puts"])
                if not arguments.quick:
                    theirs.append(go_client(endpoint))
        finally:
            process.kill()
            process.wait()
    measuring.show("Muster's client, puts/s", ours, "/s", 0)
    measuring.show("Muster's client, CPU-seconds per 1,000 puts", cpu, "s", 3)
    figures = {"Muster's client, puts/s": measuring.spread(ours), "Muster's client, CPU-seconds per 1,000 puts": measuring.spread(cpu)}
    ratios = {}
    if theirs:
        measuring.show("etcdctl check perf, puts/s", theirs, "/s", 0)
        figures["etcdctl check perf, puts/s"] = measuring.spread(theirs)
        ratios["Muster's client / Go client"] = statistics.median(ours) / statistics.median(theirs)
        measuring.verdict("Muster's client / Go client", ratios["Muster's client / Go client"], 0.8, at_most=False)
    measuring.save("etcd-client", began, arguments.quick, what="puts a second of clients of one etcd", clients=CLIENTS, figures=figures, ratios=ratios)


if __name__ == "__main__":
    main()
