"""Saves one checkpoint at a time: the files now, or the copy now and the files in a thread."""

from __future__ import annotations

import sys
import threading
from typing import Callable, Optional, Union

from ._alone import Alone
from ._files import CheckpointDirectory, disk_is_full
from ._keeper import Keeper

Save = Callable[[CheckpointDirectory], object]


class CheckpointSaver:
    """``tell_failed`` is called with a step and why its checkpoint does not exist, from the loop's thread or the writer's."""

    def __init__(self, home: Union[Keeper, Alone], tell_failed: Callable[[int, str], None]) -> None:
        self._home = home
        self._tell_failed = tell_failed
        self._writer: Optional[threading.Thread] = None
        self._raised: Optional[BaseException] = None

    def save(self, step: int, save: Save, background: bool) -> None:
        self.settle()
        begun = self._home.begin(step, background)
        if begun.directory is None:
            self._missing(step, begun.trouble)
            return
        directory = CheckpointDirectory(begun.directory)
        rest = self._guarded(step, directory, lambda: save(directory))
        if background and callable(rest):
            # Not a daemon: an interpreter that ends waits for the files.
            self._writer = threading.Thread(target=self._write, args=(step, directory, rest), name=f"muster-save-{step}")
            self._writer.start()
        elif rest is not _ABSENT:
            self._finish(step, directory, rest, background)

    def settle(self) -> None:
        """Waits until the files of the one before are written; raises what writing them raised."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.join()
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised

    def wait(self) -> None:
        """The same, for a program that is failing already: what writing raised was told, and is not raised."""
        if self._writer is not None:
            self._writer.join()

    def _write(self, step: int, directory: CheckpointDirectory, rest: Callable[[], object]) -> None:
        try:
            self._finish(step, directory, rest, True)
        except BaseException as e:  # it belongs to the loop's thread, which takes it at the next checkpoint or at the end
            self._raised = e

    def _finish(self, step: int, directory: CheckpointDirectory, rest: object, background: bool) -> None:
        if callable(rest) and self._guarded(step, directory, rest) is _ABSENT:
            return
        problem = self._home.complete(step, background)
        if problem is not None:
            self._missing(step, problem)

    def _guarded(self, step: int, directory: CheckpointDirectory, write: Callable[[], object]) -> object:
        """What the program's function returned; _ABSENT after a full disk, which costs the checkpoint and not the training."""
        try:
            return write()
        except BaseException as e:  # whatever the program raised: nobody may take half a checkpoint for one
            full = disk_is_full(e, directory)
            self._home.give_up(step)
            if not full:
                self._tell_failed(step, f"{type(e).__name__}: {e}")
                raise
            self._missing(step, str(e) if getattr(e, "filename", None) else f"{e}: {directory}")
            return _ABSENT

    def _missing(self, step: int, problem: str) -> None:
        self._tell_failed(step, problem)
        text = f"muster: there is no checkpoint of step {step}: {problem}. Training goes on; the next one due is tried again."
        print(text, file=sys.stderr, flush=True)


_ABSENT = object()
