#!/usr/bin/env python3
"""What a background checkpoint of a state on a GPU costs: the stall of the loop against the device-to-host copy itself.

The copy: all tensors into pinned memory that was allocated before. Two programs, in turn: one whose save() writes the tensors with
torch.save (direct), one whose save() only copies them and returns the function that writes (copied). Beside it: steps' times while
files are written and while nothing is, and the time until the checkpoint is durable and committed.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measuring  # noqa: E402

PROGRAM = measuring.ROOT / "bench" / "gpu" / "save.py"


def run(how, directory, arguments, number):
    """One job; its rows by kind: (step, begin, seconds), and when each step's checkpoint was committed."""
    name = f"{how}{number}"
    log, job, data = directory / f"{name}.log", directory / f"{name}.yaml", directory / f"{name}.data"
    words = [measuring.PYTHON, str(PROGRAM), str(arguments.gib), str(arguments.saves), str(arguments.between), how, str(log), arguments.device]
    job.write_text(json.dumps({"name": name, "run": words, "gang": {"procsPerNode": 1}, "checkpoint": {"every": arguments.between, "keep": 1},
                               "env": {"PYTHONPATH": str(measuring.ROOT / "python")}}))
    process = subprocess.Popen([measuring.MUSTER, "run", "-o", "json", "--data", str(data), str(job)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    committed, said = {}, []
    for line in process.stdout:
        said.append(line)
        event = json.loads(line).get("event") if line.startswith("{") else None
        if event and event["kind"] == "committed":
            committed[event["step"]] = time.time()
    if process.wait() != 0:
        raise SystemExit(f"the job {name} failed:\n{''.join(said)[-3000:]}")
    rows = {"step": [], "copy": [], "save": []}
    for line in log.read_text().splitlines():
        kind, *numbers = line.split()
        rows[kind].append(tuple(float(number) for number in numbers))
    shutil.rmtree(data)
    return rows, committed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1 GiB; leaves no record")
    parser.add_argument("--device", default="cuda", help="another one, with --quick: only to see that the program works")
    parser.add_argument("--gib", type=float, default=8)
    parser.add_argument("--saves", type=int, default=4)
    parser.add_argument("--between", type=int, default=400, help="steps from one checkpoint to the next")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.gib, arguments.saves, arguments.rounds = min(arguments.gib, 1), 2, 1
    began = measuring.machine()
    figures = {"device-to-host copy into pinned memory": []}
    for how in ("direct", "copied"):
        figures |= {f"{how}: stall of the loop": [], f"{how}: call to durable and committed": [], f"{how}: step while files are written": [],
                    f"{how}: step otherwise": []}
    with measuring.workplace("gpu-stall") as directory:
        for number in range(arguments.rounds):
            for how in ("direct", "copied"):
                rows, committed = run(how, directory, arguments, number)
                figures["device-to-host copy into pinned memory"] += [row[2] for row in rows["copy"]]
                figures[f"{how}: stall of the loop"] += [row[2] for row in rows["save"]]
                figures[f"{how}: call to durable and committed"] += [committed[int(row[0])] - row[1] for row in rows["save"]]
                writing = [(row[1], committed[int(row[0])]) for row in rows["save"]]
                inside = [row[2] for row in rows["step"][5:] if any(a < row[1] < b for a, b in writing)]
                outside = [row[2] for row in rows["step"][5:] if not any(a < row[1] < b for a, b in writing)]
                figures[f"{how}: step while files are written"].append(statistics.median(inside) if inside else float("nan"))
                figures[f"{how}: step otherwise"].append(statistics.median(outside) if outside else float("nan"))
    for name, values in figures.items():
        measuring.show(name, values, "s", 4)
    copy = statistics.median(figures["device-to-host copy into pinned memory"])
    ratios = {f"{how}: stall / copy": statistics.median(figures[f"{how}: stall of the loop"]) / copy for how in ("direct", "copied")}
    for name, value in ratios.items():
        print(f"{name:44} {value:.2f}")
    measuring.save("gpu-stall", began, arguments.quick, gib=arguments.gib, figures={n: measuring.spread(v) for n, v in figures.items()}, ratios=ratios)


if __name__ == "__main__":
    main()
