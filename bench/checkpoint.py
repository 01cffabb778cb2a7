#!/usr/bin/env python3
"""What a background checkpoint costs: the stall of the loop, and the time until it is durable, with two ranks.

Stall: from the call of checkpoint to its return on the slower rank, against the same bytes written to new files of tmpfs by both
ranks at once, just before. Bandwidth: from the first rank's call until `muster run` reports the checkpoint committed, which is
after both shards and the manifest are durable, against `dd conv=fsync` of as much random data in one file on the same disk, between
the saves' runs. The programs are tried in turn, several saves each.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import time

import measuring

HERE = measuring.ROOT / "bench"
PROGRAMS = {
    "dotnet": [str(HERE / "Checkpoint/bin/Release/net10.0/Muster.Bench.Checkpoint")],
    "python": [measuring.PYTHON, str(HERE / "checkpoint/save.py")],
}
WORLD = 2


def dd(directory, source, size):
    """Seconds that dd takes to copy `size` random bytes, which lie in memory, into a new file and sync it."""
    subprocess.run(["sync", "-f", str(directory)], check=True)
    began = time.time()
    subprocess.run(["dd", f"if={source}", f"of={directory}/dd", "bs=4M", "conv=fsync", "status=none"], check=True)
    took = time.time() - began
    os.remove(directory / "dd")
    return took


def run(name, directory, size, saves, pause, number):
    """One job of `saves` checkpoints; for each (stall, copy, seconds until committed)."""
    log = directory / f"{name}{number}"
    job = directory / f"{name}{number}.yaml"
    words = [*PROGRAMS[name], str(size // WORLD), str(saves), str(pause), str(log)]
    job.write_text(json.dumps({"name": f"save{number}", "run": words, "gang": {"procsPerNode": WORLD}, "checkpoint": {"every": 1, "keep": 1},
                               "env": {"PYTHONPATH": str(measuring.ROOT / "python")}}))
    data = directory / f"d{name[0]}{number}"
    process = subprocess.Popen([measuring.MUSTER, "run", "-o", "json", "--data", str(data), str(job)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True, start_new_session=True)
    committed, said = {}, []
    for line in process.stdout:
        said.append(line)
        event = json.loads(line).get("event") if line.startswith("{") else None
        if event and event["kind"] == "committed":
            committed[event["step"]] = time.time()
    if process.wait() != 0:
        raise SystemExit(f"the {name} job failed:\n{''.join(said)[-3000:]}")
    rows = [line.split() for rank in range(WORLD) for line in open(f"{log}.{rank}")]
    results = []
    copies = [[float(row[3]) for row in rows[rank * 2 * saves:(rank + 1) * 2 * saves] if row[0] == "copy"] for rank in range(WORLD)]
    for step in range(1, saves + 1):
        mine = [row for row in rows if row[0] == "save" and int(row[1]) == step]
        results.append({"stall": max(float(row[3]) for row in mine), "copy": max(copies[rank][step - 1] for rank in range(WORLD)),
                        "durable": committed[step] - min(float(row[2]) for row in mine)})
    shutil.rmtree(data)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="64 MiB instead of 1 GiB; leaves no record")
    parser.add_argument("--mib", type=int, help="state of both ranks together")
    parser.add_argument("--rounds", type=int, default=2, help="jobs of each program")
    parser.add_argument("--saves", type=int, default=3, help="checkpoints of each job")
    arguments = parser.parse_args()
    mib = arguments.mib or (64 if arguments.quick else 1024)
    size = mib << 20
    began = measuring.machine()
    # Long enough for the disk to be idle again before the next copy is timed.
    pause = max(1.0, mib / 1024 * 8)
    figures = {name: [] for name in PROGRAMS}
    disk = []
    with measuring.workplace("checkpoint") as directory:
        source = f"/dev/shm/{directory.name}"
        try:
            with open(source, "wb") as f:
                for _ in range(mib):
                    f.write(os.urandom(1 << 20))
            for number in range(arguments.rounds):
                for name in PROGRAMS:
                    disk += [dd(directory, source, size) for _ in range(2)]
                    figures[name] += run(name, directory, size, arguments.saves, pause, number)
            disk += [dd(directory, source, size) for _ in range(2)]
        finally:
            os.remove(source)
    report(figures, disk, size, began, arguments)


def report(figures, disk, size, began, arguments):
    measuring.show("dd conv=fsync", disk, "s")
    base = statistics.median(disk)
    verdicts = []
    for name, results in figures.items():
        stall, copy, durable = ([result[what] for result in results] for what in ("stall", "copy", "durable"))
        measuring.show(f"{name}: stall of the loop", stall, "s")
        measuring.show(f"{name}: one copy into tmpfs", copy, "s")
        measuring.show(f"{name}: call to durable and committed", durable, "s")
        ratios = [s / c for s, c in zip(stall, copy)]
        verdicts.append(measuring.verdict(f"{name}: stall / copy", statistics.median(ratios), 1.3))
        verdicts.append(measuring.verdict(f"{name}: bandwidth / dd", base / statistics.median(durable), 0.9, at_most=False))
    measuring.save("checkpoint", began, arguments.quick, what="cost of a background checkpoint with two ranks, seconds", bytes=size,
                   figures={"dd conv=fsync": measuring.spread(disk), **{f"{name}: {what}": measuring.spread([r[what] for r in results])
                            for name, results in figures.items() for what in ("stall", "copy", "durable")}}, verdicts=verdicts)


if __name__ == "__main__":
    main()
