"""Data-parallel training that can be killed anywhere: resumed, it ends with the weights it would have had, bit for bit.

    muster run samples/torch                      # four ranks here
    python3 samples/torch/train.py                # alone, checkpoints in ./checkpoints
"""

import argparse

import muster
import torch

import language


def main():
    args = language.arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0])).parse_args()
    run = muster.join()
    device = language.device_of(run.local_rank)
    language.deterministic(args.seed)
    if run.world_size > 1:
        torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")

    batches = language.Batches(language.corpus(args.corpus), args.batch, args.seed)
    model = language.Model(batches.symbols, args.hidden).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

    directory = run.restore(replicated=True)  # every rank saves the same state, so any world size can resume
    if directory:
        state = torch.load(directory / "state.pt", map_location=device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    trained = language.distributed(model, device, batches) if run.world_size > 1 else model

    def save(directory):
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, directory / "state.pt")

    for step in run.steps(args.steps):
        inputs, targets = batches.at(step, run.rank)
        loss = language.loss_of(trained, inputs.to(device), targets.to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        run.report(loss=loss)
        if run.rank == 0 and (step + 1) % 50 == 0:
            print(f"step {step + 1} loss {loss.item():.4f}", flush=True)
        run.checkpoint(save)

    if run.rank == 0 and not run.stopping:
        print(f"weights {language.fingerprint(model)} after {args.steps} steps on {run.world_size} ranks", flush=True)
    if run.world_size > 1:
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
