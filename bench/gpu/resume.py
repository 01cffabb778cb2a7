#!/usr/bin/env python3
"""samples/torch on a GPU, once undisturbed and once with its rank killed: both must end with the same weights, bit for bit."""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import measuring  # noqa: E402


def train(data, kills, steps):
    """The digest of the trained weights, the restarts, and the steps that were restored."""
    os.environ["PYTHONPATH"] = str(measuring.ROOT / "python")  # a packed muster does not know where it lies
    command = [measuring.MUSTER, "run", "-o", "json", "--nproc", "1", "--data", str(data), "--set", f"python={measuring.PYTHON}",
               "--set", f"steps={steps}", "--set", "hidden=256", str(measuring.ROOT / "samples" / "torch")]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True)
    said, killed, last = [], 0, 0.0
    for line in process.stdout:
        said.append(line)
        event = json.loads(line).get("event") if line.startswith("{") else None
        if event and event["kind"] == "committed" and killed < kills and time.time() - last > 2:
            status = subprocess.run([measuring.MUSTER, "status", "torch", "--data", str(data), "-o", "json"], stdout=subprocess.PIPE, text=True, check=True)
            rank = json.loads(status.stdout)["view"]["ranks"][0]["pid"]
            os.kill(rank, signal.SIGKILL)
            killed, last = killed + 1, time.time()
    if process.wait() != 0 or killed < kills:
        raise SystemExit(f"the job ended with {process.returncode} after {killed} kills:\n{''.join(said)[-3000:]}")
    logs = subprocess.run([measuring.MUSTER, "logs", "torch", "--data", str(data)], stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.findall(r"weights ([0-9a-f]+)", logs)[-1], json.loads(said[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer steps")
    arguments = parser.parse_args()
    steps = 150 if arguments.quick else 600
    with measuring.workplace("gpu-resume") as directory:
        whole, _ = train(directory / "whole", 0, steps)
        struck, end = train(directory / "struck", 2, steps)
    print(f"undisturbed {whole}, killed {len(end['restarts'])} times {struck}: {'equal' if whole == struck else 'DIFFERENT'}")
    sys.exit(whole != struck)


if __name__ == "__main__":
    main()
