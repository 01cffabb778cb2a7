"""A rank whose state lies on a GPU. Arguments: GiB, saves, steps between saves, `direct` or `copied`, log file, device.

direct: save() hands the tensors on the GPU to torch.save, as most programs do.
copied: save() copies them into pinned memory and returns the function that writes the files.
"""
import sys
import time

import muster
import torch

gib, saves, between, how, path, device = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:7]
run = muster.join()
cuda = device == "cuda"  # any other device: only to see that the program works
wait = torch.cuda.synchronize if cuda else lambda: None
log = open(path, "a", buffering=1)
PART = 64 << 20
parts = max(1, int(gib * (1 << 30)) // PART)
state = {f"part{i}": torch.randn(PART // 4, device=device) for i in range(parts)}
host = {name: torch.empty(value.shape, pin_memory=cuda) for name, value in state.items()}
size = 8192 if cuda else 256
a = torch.randn(size, size, device=device, dtype=torch.bfloat16)


def copy():
    for name, value in state.items():
        host[name].copy_(value, non_blocking=True)
    wait()


def save_direct(directory):
    torch.save(state, directory / "state.pt")


def save_copied(directory):
    copy()
    return lambda: torch.save(host, directory / "state.pt")


copy()
for step in run.steps(saves * between):
    began = time.perf_counter()
    for _ in range(4):
        a @ a
    wait()
    log.write(f"step {step + 1} {time.time():.4f} {time.perf_counter() - began:.5f}\n")
    if (step + 1) % between == 0:
        if how == "direct":  # while no thread reads the copy
            began = time.perf_counter()
            copy()
            log.write(f"copy {step + 1} {time.time():.4f} {time.perf_counter() - began:.4f}\n")
        at, began = time.time(), time.perf_counter()
    run.checkpoint(save_direct if how == "direct" else save_copied, background=True)
    if (step + 1) % between == 0:
        log.write(f"save {step + 1} {at:.4f} {time.perf_counter() - began:.4f}\n")
