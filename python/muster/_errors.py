"""What may go wrong, each with what to do about it."""

from __future__ import annotations


class MusterError(RuntimeError):
    """Something about the run that the program or the person who starts it must change."""


class KeeperUnreachable(MusterError):
    """Nothing answers on the worker socket, or what answers does not speak the worker API."""


class KeeperRefused(MusterError):
    """The keeper refused what the program asked for, and says why. ``status``: HTTP, 400 to 599."""

    def __init__(self, request: str, status: int, why: str) -> None:
        super().__init__(f"Muster's keeper refused {request} (HTTP {status}): {why}")
        self.status = status


class WorldChanged(MusterError):
    """The checkpoint was saved by another number of ranks, so this rank has no files of its own in it."""

    def __init__(self, step: int, saved_world_size: int, world_size: int) -> None:
        super().__init__(
            f"The checkpoint of step {step} was saved by {saved_world_size} ranks and {world_size} run now, so "
            "none of its directories is this rank's. Read every rank's files through run.shards(), or call "
            "run.restore(replicated=True) if all ranks save the same state."
        )
        self.step = step
        self.saved_world_size = saved_world_size
        self.world_size = world_size
