"""The same training as any torchrun script does it: nothing of Muster in it, its own checkpoint if it is told where.

    torchrun --nproc_per_node 4 samples/torch/plain.py
    muster run samples/torch/plain.yaml
"""

import argparse
import os

import torch
import torch.distributed as dist

import language


def main():
    parser = language.arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0]))
    parser.add_argument("--checkpoint", help="file that rank 0 writes every 50 steps and every rank begins from")
    args = parser.parse_args()
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    device = language.device_of(int(os.environ.get("LOCAL_RANK", "0")))
    language.deterministic(args.seed)
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")

    batches = language.Batches(language.corpus(args.corpus), args.batch, args.seed)
    model = language.Model(batches.symbols, args.hidden).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    first = 0
    if args.checkpoint and os.path.exists(args.checkpoint):
        state = torch.load(args.checkpoint, map_location=device)
        first = state["step"]
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    if world > 1:
        dist.barrier()  # nobody writes the file while another rank still reads it
    trained = language.distributed(model, device, batches) if world > 1 else model

    for step in range(first, args.steps):
        inputs, targets = batches.at(step, rank)
        loss = language.loss_of(trained, inputs.to(device), targets.to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if rank == 0 and (step + 1) % 50 == 0:
            print(f"step {step + 1} loss {loss.item():.4f}", flush=True)
            if args.checkpoint:
                state = {"step": step + 1, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
                torch.save(state, args.checkpoint + ".part")
                os.replace(args.checkpoint + ".part", args.checkpoint)

    if rank == 0:
        print(f"weights {language.fingerprint(model)} after {args.steps} steps on {world} ranks", flush=True)
    if world > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
