"""A plain DDP rank: env://, an all-reduce, a barrier. Prints what it summed."""
import sys

import torch
import torch.distributed as dist

dist.init_process_group("gloo", init_method="env://")
x = torch.ones(4) * (dist.get_rank() + 1)
dist.all_reduce(x)
dist.barrier()
print(f"rank {dist.get_rank()} of {dist.get_world_size()}: {x.tolist()}", flush=True)
dist.destroy_process_group()
sys.exit(0)
