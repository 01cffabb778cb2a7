"""Checkpoints of a program that runs without Muster: a directory per step, complete or absent.

A checkpoint is written into ``.<step>.partial``, synced, and renamed to ``<step>``: the rename is the commit.
"""

from __future__ import annotations

import os
import shutil
from typing import List, Optional, Tuple

from ._files import Begun, CheckpointDirectory, Shard, disk_is_full


class Alone:
    def __init__(self, root: str, keep: int) -> None:
        self._root = os.path.abspath(root)
        self._keep = max(1, keep)

    def newest(self) -> Optional[Tuple[int, str]]:
        """Step and directory of the newest checkpoint, or None."""
        steps = self._committed()
        return (steps[0], os.path.join(self._root, str(steps[0]))) if steps else None

    def begin(self, step: int, background: bool) -> Begun:
        try:
            os.makedirs(self._root, exist_ok=True)
            for name in os.listdir(self._root):
                if name.startswith(".") and name.endswith(".partial"):  # of a run that was killed while it saved
                    shutil.rmtree(os.path.join(self._root, name))
            os.mkdir(self._partial(step))
        except OSError as e:
            if not disk_is_full(e, self._root):
                raise
            return Begun(None, str(e))
        return Begun(self._partial(step), "")

    def complete(self, step: int, background: bool) -> Optional[str]:
        partial = self._partial(step)
        try:
            for directory, _, files in os.walk(partial):
                for name in files:
                    _sync(os.path.join(directory, name))
                _sync(directory)
            os.rename(partial, os.path.join(self._root, str(step)))
            _sync(self._root)
        except OSError as e:
            if not disk_is_full(e, self._root):
                raise
            self.give_up(step)
            return str(e)
        for old in self._committed()[self._keep :]:
            shutil.rmtree(os.path.join(self._root, str(old)))
        return None

    def give_up(self, step: int) -> None:
        shutil.rmtree(self._partial(step), ignore_errors=True)

    def shards(self) -> List[Shard]:
        newest = self.newest()
        return [Shard(0, CheckpointDirectory(newest[1]))] if newest else []

    def _committed(self) -> List[int]:
        try:
            names = os.listdir(self._root)
        except FileNotFoundError:
            return []
        return sorted((int(name) for name in names if name.isascii() and name.isdigit()), reverse=True)

    def _partial(self, step: int) -> str:
        return os.path.join(self._root, f".{step}.partial")


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
