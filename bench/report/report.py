"""What a call of report costs a training loop, in both clients, while a keeper reads everything it is sent.

    bench/run report [--quick]      # writes bench/results/report.json; quick leaves no record

Each figure is over steps of `pause` microseconds of busy work; "every" counts the reports that arrived, out of `count`.
The keeper is the one of the Python tests, in a process of its own, so it competes for the machine's cores.
"""

import datetime
import json
import os
import platform
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
PYTHON = os.path.join(ROOT, "python")
sys.path.insert(0, PYTHON)

from tests.fake_keeper import FakeKeeper  # noqa: E402

ROUNDS = 5
CASES = [(20_000, 100), (20_000, 0)]  # reports, microseconds of work between two


def measure(command, count, pause):
    keeper = FakeKeeper()
    try:
        env = dict(os.environ, MUSTER_SOCKET=keeper.path, PYTHONPATH=PYTHON)
        done = subprocess.run(command + [str(count), str(pause)], env=env, check=True, stdout=subprocess.PIPE, text=True)
        return dict(json.loads(done.stdout), arrived=sum("metrics" in line for line in keeper.lines))
    finally:
        keeper.close()


def main():
    quick = "--quick" in sys.argv[1:]
    clients = {"python": [sys.executable, os.path.join(HERE, "client.py")]}
    for configuration in ("Release", "Debug"):
        program = os.path.join(HERE, "bin", configuration, "net10.0", "report.dll")
        if os.path.exists(program):
            clients["dotnet"] = ["dotnet", program]
            break
    results = []
    for name, command in clients.items():
        for count, pause in CASES:
            rounds = [measure(command, count // 10 if quick else count, pause) for _ in range(1 if quick else ROUNDS)]
            rounds.sort(key=lambda figures: figures["p50_us"])
            results.append({"client": name, "count": count, "pause_us": pause, "median_round": rounds[len(rounds) // 2],
                            "p50_us_of_all_rounds": [figures["p50_us"] for figures in rounds],
                            "mean_us_of_all_rounds": [figures["mean_us"] for figures in rounds]})
            print(name, f"pause {pause} us:", json.dumps(results[-1]["median_round"]), flush=True)
    if quick:
        return
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()
    record = {
        "what": "cost of one report of two metrics to the loop, in microseconds",
        "date": datetime.date.today().isoformat(), "commit": commit,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}",
        "rounds": ROUNDS, "results": results,
    }
    with open(os.path.join(ROOT, "bench", "results", "report.json"), "w") as f:
        json.dump(record, f, indent=2)
        f.write("\n")


if __name__ == "__main__":
    main()
