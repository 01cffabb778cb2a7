"""A character-level language model and its text: what train.py and plain.py have in common."""

import hashlib
import os
import random

import torch

CONTEXT = 32


def corpus(path):
    """The bytes to learn from: the text that ships with the charlm sample, or, without it, sentences that are the same everywhere."""
    if os.path.exists(path):
        with open(path, "rb") as f:
            return f.read()
    chance = random.Random(1)
    words = "the rank step loss model learns a text one byte after another and then begins again".split()
    return " ".join(chance.choice(words) for _ in range(20_000)).encode()


class Batches:
    """A batch is a function of seed, step and rank: a resumed run sees the batches that it would have seen."""

    def __init__(self, text, batch, seed):
        alphabet = sorted(set(text))
        numbers = {byte: i for i, byte in enumerate(alphabet)}
        self.symbols = len(alphabet)
        self._text = torch.tensor([numbers[byte] for byte in text])
        self._batch, self._seed = batch, seed

    def at(self, step, rank):
        generator = torch.Generator().manual_seed((self._seed << 40) + (step << 12) + rank)
        starts = torch.randint(len(self._text) - CONTEXT - 1, (self._batch,), generator=generator)
        windows = torch.stack([self._text[start : start + CONTEXT + 1] for start in starts.tolist()])
        return windows[:, :-1], windows[:, 1:]


class Model(torch.nn.Module):
    def __init__(self, symbols, hidden):
        super().__init__()
        self.embed = torch.nn.Embedding(symbols, hidden)
        self.recur = torch.nn.GRU(hidden, hidden, batch_first=True)
        self.read = torch.nn.Linear(hidden, symbols)

    def forward(self, symbols):
        states, _ = self.recur(self.embed(symbols))
        return self.read(states)


def loss_of(model, inputs, targets):
    return torch.nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


def distributed(model, device, batches):
    """Gradients averaged over the ranks, in the same order of additions whether a run was interrupted or not.

    DDP lays its buckets out anew after the first backward pass of every process, and with three ranks or more that changes
    the order in which a ring adds up. So the first pass is one whose gradients are thrown away.
    """
    trained = torch.nn.parallel.DistributedDataParallel(model, device_ids=[device.index] if device.type == "cuda" else None)
    inputs, targets = batches.at(0, 0)
    loss_of(trained, inputs.to(device), targets.to(device)).backward()
    trained.zero_grad(set_to_none=True)
    return trained


def deterministic(seed):
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    torch.set_num_threads(1)


def device_of(local_rank):
    if not torch.cuda.is_available():
        return torch.device("cpu")
    device = torch.device("cuda", local_rank % torch.cuda.device_count())
    torch.cuda.set_device(device)
    return device


def fingerprint(model):
    """Equal for two models if and only if every weight has the same bits."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def arguments(parser):
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=16, help="sequences per rank and step")
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", default=os.path.join(here, "..", "charlm", "corpus.txt"))
    return parser
