"""One rank of the checkpoint benchmark; the Python counterpart of bench/Checkpoint. Arguments: bytes, saves, pause, log file."""
import os
import sys
import time

import muster

CHUNK = 64 << 20
size, saves, pause, path = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
run = muster.join()
log = open(f"{path}.{run.rank}", "a", buffering=1)
state = [os.urandom(min(CHUNK, size - at)) for at in range(0, size, CHUNK)]


def write(file):
    for part in state:
        file.write(part)


def save(directory):
    with open(directory / "state", "wb", buffering=0) as file:
        write(file)


def meet(name):
    """All ranks begin together: a file per rank, and who sees all of them goes on."""
    open(f"{path}.{name}.{run.rank}", "w").close()
    while not all(os.path.exists(f"{path}.{name}.{rank}") for rank in range(run.world_size)):
        time.sleep(0.001)


for step in run.steps(saves):
    run.report(loss=1.0)
    meet(f"{step}.copy")
    copy = f"/dev/shm/muster-bench-{os.getpid()}"
    began = time.perf_counter()
    with open(copy, "xb", buffering=0) as file:
        write(file)
    log.write(f"copy 0 {time.time():.4f} {time.perf_counter() - began:.4f}\n")
    os.remove(copy)
    meet(f"{step}.save")
    at, began = time.time(), time.perf_counter()
    run.checkpoint(save, background=True)
    log.write(f"save {step + 1} {at:.4f} {time.perf_counter() - began:.4f}\n")
    time.sleep(pause)
