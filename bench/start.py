#!/usr/bin/env python3
"""Seconds from `muster run samples/charlm` to the first step it reports, and the memory of Muster's own processes meanwhile.

The first step is the first that the server tells whoever watches the job. Memory: sum of Pss from
/proc/PID/smaps_rollup of server, agent, keeper and of `muster run` itself, a few seconds into the job.
"""
import argparse
import json
import os
import socket
import subprocess
import time

import measuring

ROLES = ("server", "agent", "keeper", "run")


def memory(tag):
    """Pss in MiB of each of Muster's processes."""
    found = {}
    for process in measuring.tagged(tag):
        try:
            words = open(f"/proc/{process}/cmdline", "rb").read().decode().split("\0")
            role = next((word for word in words[:4] if word in ROLES), None)
            if os.path.basename(words[0]) not in ("muster", "dotnet") or role is None:
                continue
            for line in open(f"/proc/{process}/smaps_rollup"):
                if line.startswith("Pss:"):
                    found[role] = found.get(role, 0) + int(line.split()[1]) / 1024
        except OSError:
            continue   # it ended meanwhile
    return found


def watch(address, job, until):
    """Lines of the control API's watch of a job; the server may not be there yet."""
    while time.time() < until:
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(30)
                link.connect(str(address))
                link.sendall(f"GET /v1/jobs/{job}/watch HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                stream = link.makefile("rb")
                if b" 200 " in stream.readline():
                    for line in stream:
                        if line.startswith(b"{"):   # chunk sizes and headers are passed over
                            yield json.loads(line)
        except OSError:
            pass
        time.sleep(0.01)


def start(directory, number):
    """Seconds from the command to each event and to the first step, and the memory afterwards."""
    data = directory / f"d{number}"
    began = time.time()
    process = subprocess.Popen([measuring.MUSTER, "run", "-o", "json", "--data", str(data), str(measuring.ROOT / "samples/charlm")],
                               stdin=subprocess.DEVNULL, stdout=(directory / f"out{number}").open("w"), stderr=subprocess.STDOUT, start_new_session=True)
    marks, used = {}, {}
    try:
        for report in watch(data / "s/control", "charlm", began + 60):
            for event in report["events"]:
                marks.setdefault(event["kind"], round(time.time() - began, 3))
            if any((rank.get("step") or 0) > 0 for rank in report["view"]["ranks"]):
                marks["step"] = round(time.time() - began, 3)
                break
        time.sleep(2)
        used = memory(str(directory))
    finally:
        measuring.stop_gently(process)
    if "step" not in marks:
        raise SystemExit(f"no step was reported:\n{(directory / f'out{number}').read_text()[-3000:]}")
    return marks["step"], used, marks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 trials; leaves no record")
    parser.add_argument("--trials", type=int)
    arguments = parser.parse_args()
    trials = arguments.trials or (2 if arguments.quick else 7)
    began = measuring.machine()
    times, sums, roles, marks = [], [], {}, []
    with measuring.workplace("start") as directory:
        for number in range(trials):
            took, used, mark = start(directory, number)
            times.append(took)
            sums.append(sum(mib for role, mib in used.items() if role != "run"))
            marks.append(mark)
            for role, mib in used.items():
                roles.setdefault(role, []).append(mib)
            print(f"trial {number}: {took:.3f} s", mark, {role: round(mib) for role, mib in used.items()}, flush=True)
    measuring.show("muster run samples/charlm: first step", times, "s")
    for role, values in sorted(roles.items()):
        measuring.show(f"Pss of {role}", values, "MiB", 1)
    figures = {"first step, s": measuring.spread(times), "Pss of server + agent + keeper, MiB": measuring.spread(sums),
               **{f"Pss of {role}, MiB": measuring.spread(values) for role, values in sorted(roles.items())}}
    verdicts = [measuring.verdict("first step, s", figures["first step, s"]["median"], 2),
                measuring.verdict("Pss of server + agent + keeper, MiB", figures["Pss of server + agent + keeper, MiB"]["median"], 143)]
    measuring.save("start", began, arguments.quick, what="time to the first step, and memory of Muster's own processes", figures=figures, events=marks, verdicts=verdicts)


if __name__ == "__main__":
    main()
