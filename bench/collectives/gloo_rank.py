"""One rank of the all-reduce benchmark with torch.distributed's gloo: the counterpart of bench/Collectives.

Arguments: sizes ("64" MiB or "1024b" bytes). Environment: as for env://, and ITERS, WARMUP, BATCH.
"""
import json
import os
import sys
import time

import torch
import torch.distributed as dist

torch.set_num_threads(1)
dist.init_process_group("gloo")
iterations, warm_up = int(os.environ.get("ITERS", "12")), int(os.environ.get("WARMUP", "3"))
batch = int(os.environ.get("BATCH", "1"))
for size in sys.argv[1:]:
    count = (int(size[:-1]) if size.endswith("b") else int(float(size) * 2**20)) // 4
    data, seconds = torch.ones(count), []
    processor = 0
    for i in range(-warm_up, iterations):
        if i == 0:
            processor = time.process_time()
        data.fill_(1)
        dist.barrier()
        start = time.perf_counter()
        for _ in range(batch):
            dist.all_reduce(data)
        if i >= 0:
            seconds.append((time.perf_counter() - start) / batch)
        assert batch > 1 or data[0] == dist.get_world_size() and data[-1] == dist.get_world_size()
    if dist.get_rank() == 0:
        print(json.dumps({"library": "gloo", "transport": "tcp", "world": dist.get_world_size(),
                          "bytes": count * 4, "batch": batch,
                          "cpu": (time.process_time() - processor) / iterations, "seconds": seconds}), flush=True)
