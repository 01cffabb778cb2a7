#!/usr/bin/env python3
"""Seconds from kill -9 of one of two ranks until both step again: `muster run`, the same with warm ranks, and torchrun.

All three launchers run the same plain gloo script all the time; they are struck in turn, so that every trial of one has a
neighbour of the others under the same load. No job is struck while another still starts: --settle seconds lie between a
recovery and the next failure of any job, and --rest seconds between two failures of one job.
"""
import argparse
import os
import signal
import statistics
import subprocess
import time

import measuring

WORLD = 2
SCRIPT = str(measuring.ROOT / "bench" / "recovery" / "train.py")
PHASES = ("start", "imported", "joined", "step")


class Launched:
    """One launcher with its ranks, seen through their log."""

    def __init__(self, name, command, directory):
        self.name, self.log, self.seen, self.recovered = name, directory / f"{name}.steps", set(), time.time()
        self.log.touch()
        self.output = directory / f"{name}.output"
        self.process = subprocess.Popen(command, env=dict(os.environ, RECOVERY_LOG=str(self.log)), stdin=subprocess.DEVNULL,
                                        stdout=self.output.open("w"), stderr=subprocess.STDOUT, start_new_session=True)

    def fresh(self):
        """What ranks of a process not seen before told: rank → (pid, {phase: first time}, steps)."""
        ranks = {}
        for line in self.log.read_text().splitlines():
            words = line.split()
            if len(words) != 5 or words[1] in self.seen:
                continue
            kind, process, rank, _, at = words
            if rank not in ranks or ranks[rank][0] != process:
                ranks[rank] = (process, {}, [0])
            ranks[rank][1].setdefault(kind, float(at))
            ranks[rank][2][0] += kind == "step"
        return ranks

    def wait(self, steps, seconds):
        """Waits until every rank of a new world has done so many steps."""
        end = time.time() + seconds
        while time.time() < end:
            ranks = self.fresh()
            if len(ranks) == WORLD and all(told[2][0] >= steps for told in ranks.values()):
                return ranks
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise SystemExit(f"{self.name}: no {steps} steps of every rank within {seconds} s; it said:\n{self.output.read_text()[-3000:]}")

    def strike(self):
        """Kills rank 1; seconds from there to each phase of the slowest rank."""
        ranks = self.wait(20, 120)
        self.seen |= {told[0] for told in ranks.values()}
        killed = time.time()
        os.kill(int(ranks["1"][0]), signal.SIGKILL)
        ranks = self.wait(1, 120)
        self.recovered = time.time()
        return {phase: round(max(told[1][phase] for told in ranks.values()) - killed, 4) for phase in PHASES}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 trials; leaves no record")
    parser.add_argument("--trials", type=int)
    parser.add_argument("--rest", type=float, default=10.0, help="seconds between a job's recovery and its next failure")
    parser.add_argument("--settle", type=float, default=4.0, help="seconds between any job's recovery and the next failure")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where the script's tensors lie")
    parser.add_argument("--keep-logs", help="copies the directory with all logs there")
    arguments = parser.parse_args()
    os.environ["RECOVERY_DEVICE"] = arguments.device
    trials = arguments.trials or (2 if arguments.quick else 7)
    began = measuring.machine()
    with measuring.workplace("recovery") as directory:
        def muster(name, *options):
            return Launched(name, [measuring.MUSTER, "run", "--nproc", str(WORLD), "--name", name, "--data", str(directory / name[0]),
                                   "--max-restarts", "100", "--follow", "all", *options, "--", measuring.PYTHON, SCRIPT], directory)

        launched = [
            muster("muster"),
            Launched("torchrun", [measuring.PYTHON, "-m", "torch.distributed.run", "-r", "1", "-t", "1", "--log_dir", str(directory / "torchrun"),
                                  "--nproc_per_node", str(WORLD), "--monitor_interval", "0.1", "--max_restarts", str(2 * trials + 20),
                                  "--master_port", str(29500 + os.getpid() % 1000), SCRIPT], directory),
            muster("warm", "--warm", "torch"),
        ]
        try:
            figures = {one.name: [] for one in launched}
            for one in launched:
                one.wait(1, 120)
            for trial in range(trials):
                for one in launched:
                    time.sleep(max(arguments.settle, one.recovered + arguments.rest - time.time()))
                    figures[one.name].append(one.strike())
                    print(f"trial {trial}: {one.name:9}", figures[one.name][-1], flush=True)
        finally:
            for one in launched:
                measuring.stop_gently(one.process)
            if arguments.keep_logs:
                subprocess.run(["cp", "-rT", str(directory), arguments.keep_logs], check=False)
    report(figures, began, arguments)


def report(figures, began, arguments):
    whole = {name: [trial["step"] for trial in trials] for name, trials in figures.items()}
    for name, values in whole.items():
        measuring.show(f"{name}: kill to stepping", values, "s")
        print(f"{'':10}median to each phase: " + ", ".join(
            f"{phase} {statistics.median(trial[phase] for trial in figures[name]):.3f}" for phase in PHASES))
    base = statistics.median(whole["torchrun"])
    verdicts = [measuring.verdict("recovery, muster / torchrun", statistics.median(whole["muster"]) / base, 1.1),
                measuring.verdict("recovery, muster --warm torch / torchrun", statistics.median(whole["warm"]) / base, 0.3)]
    measuring.save("recovery" if arguments.device == "cpu" else "gpu-recovery", began, arguments.quick, what="seconds from kill -9 of one of two ranks to all ranks stepping again", rest_s=arguments.rest,
                   figures={name: measuring.spread(values) for name, values in whole.items()}, trials=figures, verdicts=verdicts)


if __name__ == "__main__":
    main()
