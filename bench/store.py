#!/usr/bin/env python3
"""Durable commits a second of the embedded store, with 1, 64 and 256 writers, and the syncs they took; beside a raw loop of
write and fdatasync on the same disk."""
import argparse
import json
import statistics
import subprocess

import measuring

PROGRAM = str(measuring.ROOT / "bench/Store/bin/Release/net10.0/Muster.Bench.Store")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 rounds of 0.3 s; leaves no record")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    arguments = parser.parse_args()
    rounds, seconds = arguments.rounds or (2 if arguments.quick else 7), arguments.seconds or (0.3 if arguments.quick else 2)
    began = measuring.machine()
    with measuring.workplace("store") as directory:
        done = subprocess.run([PROGRAM, str(directory), str(seconds), str(rounds)], check=True, stdout=subprocess.PIPE, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    figures, per_sync = {}, {}
    for row in rows:
        name = f"store, writers: {row['writers']}" if row["what"] == "store" else f"write + fdatasync, {row['what']} file"
        figures.setdefault(name + ", commits/s", []).append(row["commits"] / row["seconds"])
        figures.setdefault(name + ", syncs/s", []).append(row["syncs"] / row["seconds"])
        per_sync.setdefault(name, []).append(row["commits"] / max(1, row["syncs"]))
    for name, values in figures.items():
        measuring.show(name, values, "/s", 0)
    for name, values in per_sync.items():
        print(f"{name:44} {statistics.median(values):.1f} commits a sync")
    raw = statistics.median(figures["write + fdatasync, existing file, commits/s"])
    ratios = {f"store / write + fdatasync, writers: {n}": statistics.median(figures[f"store, writers: {n}, commits/s"]) / raw for n in (1, 64, 256)}
    for name, ratio in ratios.items():
        print(f"{name:44} {ratio:.2f}")
    measuring.save("store", began, arguments.quick, what="durable commits a second of the embedded store", seconds_each=seconds,
                   figures={name: measuring.spread(values) for name, values in figures.items()}, ratios=ratios,
                   commits_per_sync={name: statistics.median(values) for name, values in per_sync.items()})


if __name__ == "__main__":
    main()
