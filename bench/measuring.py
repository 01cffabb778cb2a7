"""What every benchmark needs: where it works, what the machine is, how figures are kept."""

import contextlib
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MUSTER = os.environ.get("MUSTER_BENCH_MUSTER", str(ROOT / "muster"))
PYTHON = os.environ.get("MUSTER_BENCH_PYTHON", "/usr/bin/python3")


@contextlib.contextmanager
def workplace(name):
    """A short-named directory on a disk (MUSTER_BENCH_DIR, else /var/tmp). Afterwards it is gone, and so is whatever was started."""
    directory = tempfile.mkdtemp(prefix=f"mb-{name[:2]}-", dir=os.environ.get("MUSTER_BENCH_DIR", "/var/tmp"))
    os.environ["BENCH_TAG"] = directory
    os.environ["MUSTER_NO_BUILD"] = "1"
    try:
        yield pathlib.Path(directory)
    finally:
        end_tagged(directory)
        shutil.rmtree(directory, ignore_errors=True)


def tagged(tag):
    """Process ids that carry the tag, this process left out."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as environment:
            if f"BENCH_TAG={tag}".encode() in environment.read().split(b"\0"):
                found.append(int(entry))
    return found


def end_tagged(tag):
    for _ in range(50):
        left = tagged(tag)
        if not left:
            return
        for process in left:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)


def machine():
    lines = [line for line in open("/proc/cpuinfo") if line.startswith("model name")]
    with open("/proc/meminfo") as f:
        memory = int(f.readline().split()[1]) // 1024
    return {
        "cpu": lines[0].split(":")[1].strip() if lines else platform.machine(), "cores": os.cpu_count(), "memory_mib": memory,
        "kernel": platform.release(), "python": platform.python_version(), "load": [round(x, 1) for x in os.getloadavg()],
    }


def commit():
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def save(name, began, quick, **figures):
    """Writes bench/results/NAME.json; `began` is the machine as it was before the first measurement. Quick runs leave no record."""
    if quick:
        return
    path = ROOT / "bench" / "results" / f"{name}.json"
    record = {"name": name, "date": time.strftime("%Y-%m-%d"), "commit": commit(), "machine": began,
              "load_after": [round(x, 1) for x in os.getloadavg()], **figures}
    path.write_text(json.dumps(record, indent=1) + "\n")


def spread(values):
    return {"min": min(values), "median": statistics.median(values), "max": max(values), "all": values}


def show(label, values, unit, digits=3):
    print(f"{label:44} median {statistics.median(values):.{digits}f} {unit}  (min {min(values):.{digits}f}, max {max(values):.{digits}f}, n={len(values)})",
          flush=True)


def verdict(label, ratio, target, at_most=True):
    met = ratio <= target if at_most else ratio >= target
    print(f"{label:44} {ratio:.3f}  target {'≤' if at_most else '≥'} {target}: {'met' if met else 'MISSED'}", flush=True)
    return {"label": label, "value": ratio, "target": target, "at_most": at_most, "met": met}


def stop_gently(process, seconds=15):
    """Ctrl-C, then death."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
