"""A plain PyTorch script as torchrun starts them: all-reduces in a loop, one line per step in $RECOVERY_LOG. Knows no launcher."""
import os
import time

started = time.time()
import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402

rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
log = open(os.environ["RECOVERY_LOG"], "a", buffering=1)


def say(kind, step=0, at=None):
    log.write(f"{kind} {os.getpid()} {rank} {step} {at or time.time():.4f}\n")


say("start", at=started)
say("imported")
dist.init_process_group("gloo")
say("joined")
x = torch.ones(1000, device=os.environ.get("RECOVERY_DEVICE", "cpu"))
step = 0
while True:
    dist.all_reduce(x)
    x /= world
    say("step", step)
    step += 1
    time.sleep(0.05)
