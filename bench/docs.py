#!/usr/bin/env python3
"""Makes docs/benchmarks.md from bench/results/*.json: figures in the text are those of the files, and no others."""
import json
import statistics

import measuring

HEAD = """# Benchmarks

Made by `bench/run docs` from `bench/results/*.json`; not edited by hand. Each benchmark runs Muster and its baseline on the same
machine in the same run, in turn, so that both see the same neighbours:

```
bench/run                    # lists the benchmarks
bench/run recovery           # runs one, prints ratios, writes bench/results/recovery.json and this page
bench/run recovery --quick   # few trials or little data, to see that it works; leaves no record
bench/run all
```

`MUSTER_BENCH_PYTHON` names a Python with torch (default `/usr/bin/python3`), `MUSTER_BENCH_DIR` a directory on the disk to measure
(default `/var/tmp`). Absolute figures depend on the machine and on what else it does: look at the load, and at the spread
between smallest and largest; ratios are steadier. A median is over the trials shown as n.
"""

TEXT = {
    "recovery": ("Recovery", "Seconds from `kill -9` of one of two ranks until both step again: a plain PyTorch/gloo script, under `muster run`, under "
                 "`muster run --warm torch`, and under torchrun with `--monitor_interval 0.1` (the baseline). Tries in turn, kills at least {rest_s:g} s apart for each."),
    "gpu-recovery": ("Recovery on a GPU", "The same, with the tensors of both ranks on one GPU. Tries in turn, kills at least {rest_s:g} s apart for each."),
    "gpu-stall": ("Checkpoints of a state on a GPU", "{gib:g} GiB on one GPU, saved in the background by one rank. Direct: `save` hands the tensors to torch.save. Copied: `save` "
                  "copies them into pinned memory and returns the function that writes the files. The baseline is that copy alone. Made by `bench/gpu/run`."),
    "start": ("Start and memory", "From `muster run samples/charlm`, already built, to the first step that the server tells; and the proportional set size "
              "(`smaps_rollup`) of Muster's own processes two seconds later. No peer: the targets are absolute (143 MiB = 150 MB)."),
    "checkpoint": ("Checkpoints", "{bytes} bytes of random state of two ranks together, saved in the background. Stall: what the loop waits; copy: the same bytes, "
                   "by both ranks at once, into new files of tmpfs. Durable: from the call until the checkpoint is committed, against `dd conv=fsync` of as "
                   "many random bytes on the same disk."),
    "store": ("Store", "The embedded store: transactions of one key of 128 bytes, each writer waiting for its last; {seconds_each:g} s each. The baseline is a loop of "
              "write and fdatasync of 256 bytes on the same disk, into a growing file and over an existing one."),
    "etcd-serve": ("Serving etcd's protocol", "`muster server` beside etcd 3.4 on the same disk, sync on, with the same client program over at most 16 "
                   "connections: the client on one core, the servers on another; each client waits for its last answer, {seconds_each:g} s each. At the same "
                   "rate: 70 % of what the slower one reaches, from when a call was due. Starting: from `kill -9` until etcdctl reads a key."),
    "scheduler": ("Scheduler", "Runs of the published Python simulator played again: its recorded processor time over ours, each run after one that compiles. "
                  "Single allocations of heterogeneity-aware LAS, cold and after one job came or went: jobs of the generator's kinds, and jobs that all differ "
                  "(recorded for 2,048 × 3 on another machine: 117 ms with cvxpy and ECOS). A live round is shares, selection and placement."),
}


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def machine(record):
    m = record["machine"]
    if isinstance(m, str):
        return m
    parts = [m["cpu"], f"{m['cores']} cores", f"{m['memory_mib'] // 1024} GiB" if "memory_mib" in m else "", f"Linux {m['kernel']}"]
    load = f"load at the start {', '.join(f'{x:.1f}' for x in m['load'])}"
    if "load_after" in record:
        load += f"; at the end {', '.join(f'{x:.1f}' for x in record['load_after'])}"
    return ", ".join(part for part in parts if part) + f"; {load}"


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1), *("| " + " | ".join(row) + " |" for row in rows), ""]


def common(record):
    title, text = TEXT[record["name"]]
    lines = [f"## {title}", "", text.format(**record), ""]
    lines += table(["figure", "min", "median", "max", "n"],
                   [[name, number(f["min"]), number(f["median"]), number(f["max"]), str(len(f["all"]))] for name, f in record["figures"].items()])
    if "verdicts" in record:
        lines += table(["ratio or limit", "measured", "target", "met"],
                       [[v["label"], number(v["value"]), ("≤ " if v["at_most"] else "≥ ") + number(v["target"]), "yes" if v["met"] else "**no**"]
                        for v in record["verdicts"]])
    if "ratios" in record:
        lines += table(["ratio", "measured"], [[name, number(value)] for name, value in record["ratios"].items()])
    if "commits_per_sync" in record:
        lines += table(["", "commits a sync"], [[name, number(value)] for name, value in record["commits_per_sync"].items()])
    if "trials" in record:
        phases = list(next(iter(record["trials"].values()))[0])
        lines += ["Medians from the kill to each phase of the slowest rank:", ""]
        lines += table(["", *phases], [[name, *(number(statistics.median(t[p] for t in trials)) for p in phases)] for name, trials in record["trials"].items()])
    return lines


def report(record):
    lines = ["## Reports", "", "What one `report` of two metrics costs the training loop, in microseconds. No peer.", ""]
    return lines + table(["client, µs of work between reports", "p50", "p99", "mean", "smallest and largest p50 of the rounds"], [
        [f"{r['client']}, {r['pause_us']}", *(number(r["median_round"][k]) for k in ("p50_us", "p99_us", "mean_us")),
         f"{number(min(r['p50_us_of_all_rounds']))} … {number(max(r['p50_us_of_all_rounds']))}"] for r in record["results"]])


def collectives(record):
    times = {}
    for r in record["records"]:
        times.setdefault((r["world"], r["bytes"], r["batch"]), {}).setdefault(r["library"], []).extend(r["seconds"])
    rows = []
    for (world, size, batch), both in sorted(times.items()):
        if len(both) < 2:
            continue
        ours, gloo = (sorted(seconds) for name, seconds in sorted(both.items(), reverse=True))
        rows.append([f"{world}", number(size), str(batch), *(number(s * 1e6) for s in (statistics.median(ours), ours[len(ours) // 10], ours[len(ours) * 9 // 10],
                                                             statistics.median(gloo))), f"{statistics.median(gloo) / statistics.median(ours):.2f}", str(len(ours))])
    return ["## Collectives", "", "All-reduce of float32 on this host, Muster.Worker against PyTorch's gloo: microseconds a call; `batch` calls between barriers.", "",
            *table(["ranks", "bytes", "batch", "median", "p10", "p90", "gloo median", "gloo / ours", "n"], rows)]


def main():
    lines = [HEAD]
    for name, section in {"recovery": common, "start": common, "checkpoint": common, "store": common, "etcd-serve": common, "scheduler": common, "gpu-recovery": common, "gpu-stall": common, "report": report, "collectives": collectives}.items():
        path = measuring.ROOT / "bench" / "results" / f"{name}.json"
        if path.exists():
            record = json.loads(path.read_text())
            lines += section(record)
            when = record.get("date") or record.get("when")
            lines += [f"Measured {when}{' at ' + record['commit'] if record.get('commit') else ''} on {machine(record)}.", ""]
    (measuring.ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
