#!/usr/bin/env python3
"""The scheduler beside the published Python simulator: processor time of the same runs (recorded in its summary), single
allocations, and one decision for a large live queue. The recorded runs need the reference data: below MUSTER_SHARED, or in a folder
`shared` above this tree; without it that part is left out."""
import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess

import measuring

PROGRAM = str(measuring.ROOT / "bench/Scheduler/bin/Release/net10.0/Muster.Bench.Scheduler")
ALLOCATION_TARGETS = {   # milliseconds
    "LAS, 2,048 jobs × 3 types, cold": 3, "LAS, 2,048 jobs × 3 types, one job changed": 0.3, "LAS, 100,000 jobs × 6 types, cold": 1000,
    "packed LAS, 1,024 jobs × 3 types": 1000, "live round, 10,000 jobs on 1,213 hosts": 50,
}
PAPER_SIZE = "fifo_36-36-36_single_r1.6_seed0_w4000-5000"


def reference():
    for root in [os.environ.get("MUSTER_SHARED"), *(str(parent / "shared") for parent in measuring.ROOT.parents)]:
        if root and pathlib.Path(root, "data/gavel").is_dir():
            return pathlib.Path(root, "data/gavel")
    return None


def lines(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of each; leaves no record")
    parser.add_argument("--rounds", type=int)
    arguments = parser.parse_args()
    rounds = arguments.rounds or (1 if arguments.quick else 7)
    began, figures, ratios, verdicts, peak = measuring.machine(), {}, {}, [], 0
    data = reference()
    if data:
        python = {row["run"]: float(row["cpu_s"]) for row in csv.DictReader(open(data / "oracle/summary.csv"))}
        for row in lines("runs", data, rounds):
            name, seconds = row["what"], row["seconds"]
            ratios[name] = python[name] / max(statistics.median(seconds), 1e-3)
            peak = max(peak, row["peak_mib"])
            print(f"{name:60} {statistics.median(seconds) * 1000:9.1f} ms, Python {python[name]:8.2f} s: {ratios[name]:6.0f} ×", flush=True)
            if name == PAPER_SIZE:
                verdicts.append(measuring.verdict("paper-size FIFO run, seconds", statistics.median(seconds), 0.3))
        verdicts.append(measuring.verdict("slowest ratio to Python's processor time", min(ratios.values()), 300, at_most=False))
        verdicts.append(measuring.verdict("peak memory of all runs, MiB", peak, 200))
    else:
        print("the reference data is not on this machine: recorded runs are left out")
    for row in lines("allocate", rounds) + lines("live", rounds * 5):
        milliseconds = [value * 1000 for value in row["seconds"]]
        measuring.show(row["what"], milliseconds, "ms")
        figures[row["what"] + ", ms"] = measuring.spread(milliseconds)
        if row["what"] in ALLOCATION_TARGETS:
            verdicts.append(measuring.verdict(row["what"] + ", ms", statistics.median(milliseconds), ALLOCATION_TARGETS[row["what"]]))
    measuring.save("scheduler", began, arguments.quick, what="simulation and allocation", figures=figures,
                   ratios={f"Python's processor time / ours, {name}": value for name, value in ratios.items()}, verdicts=verdicts)


if __name__ == "__main__":
    main()
