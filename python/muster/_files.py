"""Directories of a checkpoint, and what tells a full disk from other failures."""

from __future__ import annotations

import errno
import os
from typing import NamedTuple, Optional


class CheckpointDirectory(str):
    """The absolute path of a directory with one rank's files. A ``str``; ``directory / "model.pt"`` joins as with pathlib."""

    __slots__ = ()

    def __truediv__(self, name: str) -> "CheckpointDirectory":
        return CheckpointDirectory(os.path.join(self, name))


class Shard(NamedTuple):
    """One rank's files of the checkpoint to resume from, found whole."""

    rank: int
    directory: CheckpointDirectory


class Begun(NamedTuple):
    """The directory of a checkpoint that was begun, or why there will be none although training may go on."""

    directory: Optional[str]
    trouble: str


_FREE_BYTES_LEFT_WHEN_FULL = 1 << 20


def disk_is_full(failure: BaseException, directory: str) -> bool:
    """Whether a save failed because the disk, or a quota, was full. Libraries hide errno (torch: RuntimeError): then the disk is asked."""
    seen: Optional[BaseException] = failure
    while seen is not None:
        if isinstance(seen, OSError):
            return seen.errno in (errno.ENOSPC, errno.EDQUOT)
        seen = seen.__cause__ or seen.__context__
    try:
        disk = os.statvfs(directory)
    except OSError:
        return False
    return isinstance(failure, RuntimeError) and disk.f_bavail * disk.f_frsize < _FREE_BYTES_LEFT_WHEN_FULL
