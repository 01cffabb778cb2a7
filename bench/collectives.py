#!/usr/bin/env python3
"""All-reduce of Muster.Worker.Collectives and of gloo, side by side on this machine.

Runs of the two alternate, so that both see the same neighbours; medians are taken over all calls of all runs. Writes every
single time to bench/results/collectives.json. Needs a Python with torch (default /usr/bin/python3; GLOO_PYTHON overrides) and
a build of bench/Collectives: `bench/run collectives` makes it.
"""
import argparse
import json
import os
import pathlib
import platform
import socket
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
OURS = HERE / "Collectives/bin/Release/net10.0/Muster.Bench.Collectives"
GLOO = [os.environ.get("GLOO_PYTHON", "/usr/bin/python3"), str(HERE / "collectives/gloo_rank.py")]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(command, world, sizes, iterations, batch, transport="Auto"):
    environment = dict(os.environ, WORLD_SIZE=str(world), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(free_port()),
                       ITERS=str(iterations), BATCH=str(batch), OMP_NUM_THREADS="1", TRANSPORT=transport, DOTNET_TieredPGO="0")
    ranks = [subprocess.Popen([*command, *sizes], env=dict(environment, RANK=str(rank)), text=True,
                              stdout=subprocess.PIPE if rank == 0 else subprocess.DEVNULL)
             for rank in range(world)]
    output = ranks[0].communicate(timeout=600)[0]
    if any(rank.wait(timeout=60) != 0 for rank in ranks):
        raise SystemExit(f"a rank of {command} failed")
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--worlds", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--transports", nargs="+", default=["Auto"])
    parser.add_argument("--sizes", nargs="+", default=["1024b", "64"])
    parser.add_argument("--calls", type=float, default=1, help="scales the number of calls per run")
    parser.add_argument("--out", default=str(HERE / "results/collectives.json"))
    parser.add_argument("--quick", action="store_true", help="one run with few calls; leaves no record")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.runs, arguments.calls = 1, 0.2
    records = []
    for world in arguments.worlds:
        for _ in range(arguments.runs):
            for size in arguments.sizes:
                iterations = max(3, int(arguments.calls * (200 if size.endswith("b") else 40 if float(size) < 16 else 12)))
                for batch in [1, 20] if size.endswith("b") else [1]:
                    for transport in arguments.transports:
                        records += run([str(OURS)], world, [size], iterations, batch, transport)
                    records += run(GLOO, world, [size], iterations, batch)
    report(records)
    if arguments.quick:
        return
    pathlib.Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    with open(arguments.out, "w") as out:
        json.dump({"machine": {"cpu": cpu(), "cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()},
                   "when": time.strftime("%Y-%m-%d"), "records": records}, out)
        out.write("\n")


def cpu():
    lines = [line for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return lines[0].split(":")[1].strip() if lines else platform.machine()


def report(records):
    print(f"{'world':>5} {'bytes':>10} {'batch':>5} {'library':>8} {'transport':>12} {'median us':>10} {'p10':>9} {'p90':>9} {'bus GB/s':>8} {'gloo/ours':>9}")
    def key(record):
        return record["world"], record["bytes"], record["batch"], record["library"], record["transport"]

    gloo = {}
    for world, size, batch, library, transport in sorted({key(r) for r in records}):   # "gloo" sorts before "muster"
        times = sorted(s for r in records if key(r) == (world, size, batch, library, transport) for s in r["seconds"])
        median = statistics.median(times)
        if library == "gloo":
            gloo[world, size, batch] = median
        bus = size * 2 * (world - 1) / world / median / 1e9
        print(f"{world:5} {size:10} {batch:5} {library:>8} {transport:>12} {median * 1e6:10.1f} {times[len(times) // 10] * 1e6:9.1f} "
              f"{times[len(times) * 9 // 10] * 1e6:9.1f} {bus:8.3f} {gloo[world, size, batch] / median:9.2f}")


if __name__ == "__main__":
    main()
