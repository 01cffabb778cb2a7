"""This process's part in a training run: who it is, where it starts from, and when it saves and stops."""

from __future__ import annotations

import atexit
import os
import sys
from types import TracebackType
from typing import Any, Iterator, List, Optional, Set, Type, Union

from ._alone import Alone
from ._errors import MusterError, WorldChanged
from ._files import CheckpointDirectory, Shard
from ._gate import StepGate
from ._http import Connection
from ._keeper import Keeper, RestoreFacts, RunFacts
from ._loop import TrainingLoop
from ._saver import CheckpointSaver, Save
from ._streams import FAREWELL_MAX, Reports, Wishes, as_lines

_joined: Set[str] = set()


def join(
    *, timeout: float = 60.0, alone_directory: str = "checkpoints", alone_every: int = 100, alone_keep: int = 3
) -> "TrainingRun":
    """Joins the run that this process was started for or, without ``MUSTER_SOCKET`` in the environment, runs alone.

    ``timeout``: seconds to try reaching the keeper; once reached, its answer is awaited without limit.
    ``alone_*``, without Muster only: where checkpoints are kept, steps between them (0: only after the last one), and how many.
    """
    socket = os.environ.get("MUSTER_SOCKET")
    if socket:
        if socket in _joined:
            raise MusterError("This process has joined its run already: pass on what muster.join() returned, or close it first.")
        keeper = Keeper(socket)
        facts = keeper.join("python 0.1", timeout)
        _joined.add(socket)
        return TrainingRun(facts, keeper)
    world = os.environ.get("WORLD_SIZE", "1")
    if world.isdigit() and int(world) > 1:
        raise MusterError(
            f"WORLD_SIZE is {world} and MUSTER_SOCKET is unset: alone there is one rank, and {world} would write over "
            "each other's checkpoints. Start the program with `muster run`, or unset WORLD_SIZE."
        )
    home = Alone(alone_directory, alone_keep)
    newest = home.newest()
    restore = RestoreFacts(newest[0], 1, newest[1]) if newest else None
    return TrainingRun(RunFacts("alone", 0, 1, 0, 1, 0, 0, 0, alone_every, restore), home)


class TrainingRun:
    """Returned by ``muster.join()``. One loop per process; methods are called from the thread that runs it (``report`` from any).

    ``close()``, leaving a ``with`` block and ending the interpreter send the last reports, for at most a second.
    """

    def __init__(self, facts: RunFacts, home: Union[Keeper, Alone]) -> None:
        self._facts = facts
        self._home = home
        self._saver = CheckpointSaver(home, self._save_failed)
        self._loop = TrainingLoop(StepGate(facts.every, facts.restore.step if facts.restore else 0))
        self._restored = False
        self._begun = False
        self._mine = True
        self._reports: Optional[Reports] = None
        self._wishes: Optional[Wishes] = None
        if isinstance(home, Keeper):
            self._reports = Reports(home.socket, self._loop)
            self._wishes = Wishes(home.socket, self._loop, self._reports)
            os.register_at_fork(after_in_child=self._forked)
            self._excepthook = sys.excepthook
            sys.excepthook = self._on_uncaught
            atexit.register(self.close)

    @property
    def job(self) -> str:
        """The job's name; ``alone`` without Muster."""
        return self._facts.job

    @property
    def rank(self) -> int:
        """This process among all: 0 <= rank < world_size."""
        return self._facts.rank

    @property
    def world_size(self) -> int:
        """Ranks in this generation, at least 1."""
        return self._facts.world_size

    @property
    def local_rank(self) -> int:
        """This process among those on its host, from 0: the index of its GPU among those granted."""
        return self._facts.local_rank

    @property
    def local_world_size(self) -> int:
        """Ranks on this host, at least 1."""
        return self._facts.local_world_size

    @property
    def node_rank(self) -> int:
        """This host among the generation's hosts, from 0."""
        return self._facts.node_rank

    @property
    def generation(self) -> int:
        """The formed world this process belongs to, from 1; 0 without Muster."""
        return self._facts.generation

    @property
    def attempt(self) -> int:
        """Which try this is, from 0; grows with each failure charged to the restart budget."""
        return self._facts.attempt

    @property
    def alone(self) -> bool:
        """Whether there is no Muster: rank 0 of 1, checkpoints in a directory of our own."""
        return self._reports is None

    @property
    def stopping(self) -> bool:
        """Whether the loop was ended before its last step on request. The same on all ranks: all end after the same step."""
        return self._loop.ended_early

    def restore(self, replicated: bool = False) -> Optional[CheckpointDirectory]:
        """This rank's files of the checkpoint to resume from, or None for a fresh start. Read only.

        With another world size than the checkpoint's: raises WorldChanged, or with ``replicated=True`` (all ranks save the same
        state, as in plain data parallelism) returns rank 0's files.
        """
        restore = self._facts.restore
        if restore is None:
            return None
        if restore.world_size == self.world_size and restore.directory is not None:
            self._restored = True
            return CheckpointDirectory(restore.directory)
        if not replicated:
            raise WorldChanged(restore.step, restore.world_size, self.world_size)
        return self.shards()[0].directory

    def shards(self) -> List[Shard]:
        """Every rank's files of the checkpoint to resume from, by rank; empty for a fresh start.

        A program that reads these restores with any world size and needs no ``restore()``.
        """
        if self._facts.restore is None:
            return []
        shards = self._home.shards()
        self._restored = True
        return shards

    def steps(self, total: int) -> Iterator[int]:
        """The steps still to do: from the restored one (or 0) to ``total`` - 1; ends early, cleanly, when asked to.

        ``total`` is the same on all ranks.
        """
        self._refuse_in_child("steps()")
        if total < 0:
            raise ValueError(f"total is {total}: the number of steps of the whole training is at least 0.")
        restore = self._facts.restore
        if restore is not None and not self._restored:
            raise MusterError(
                f"A checkpoint of step {restore.step} exists and the program did not load it: call run.restore() or run.shards() on "
                "every rank before run.steps(), also where a rank gets its state from another one."
            )
        return self._settled(self._loop.run(int(total), self._on_begun, self._on_missed))

    def report(self, **metrics: Any) -> None:
        """Reports metrics of the present step, such as ``loss=0.7``. Local and cheap: nothing is waited for.

        Values are made floats here; for a tensor on an accelerator that waits for it. When more than 8192 reports wait to be sent
        the oldest are dropped; while the keeper is away they may be lost. Calls from forked children are ignored.
        """
        reports = self._reports
        if reports is not None and self._mine:
            reports.waiting.append((self._loop.report_step, {name: float(value) for name, value in metrics.items()}))

    def checkpoint(self, save: Save, background: bool = False) -> None:
        """Saves when a checkpoint of the step just done is due. Call it in the loop's body, after training, in every step.

        ``save`` writes this rank's files into the empty directory it is given; it is called only when one is due, on every rank.
        What it raises is raised on, and the directory is deleted; a full disk is reported and survived. ``background=True`` returns as
        soon as the files are written (to memory); the keeper makes them durable meanwhile. When ``save`` then returns a function,
        it has only copied the state to where training does not change it: checkpoint() returns at once, the function writes the
        files in a thread, and what it raises is raised by the next checkpoint() or at the end of the loop. Waits while a checkpoint on demand
        that this rank has promised is not confirmed, while its previous one is not durable, and while too many are written and not
        committed.
        """
        self._refuse_in_child("checkpoint()")
        step = self._loop.offer_save()
        if step is None:
            return
        self._saver.save(step, save, background)

    def close(self) -> None:
        """Sends the last reports, for at most a second, and hangs up. Repeating it changes nothing."""
        if self._reports is None or self._wishes is None or not self._mine:
            return
        self._mine = False
        atexit.unregister(self.close)
        if sys.excepthook == self._on_uncaught:
            sys.excepthook = self._excepthook
        self._reports.close()
        self._wishes.close()
        if isinstance(self._home, Keeper):
            _joined.discard(self._home.socket)

    def __enter__(self) -> "TrainingRun":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _settled(self, steps: Iterator[int]) -> Iterator[int]:
        """The loop ends when the last checkpoint's files are written."""
        try:
            yield from steps
        except GeneratorExit:
            self._saver.wait()
            raise
        self._saver.settle()

    def _on_begun(self) -> None:
        self._begun = True
        if self._reports is not None:
            self._reports.began(self._facts.restore.step if self._facts.restore else None)

    def _on_missed(self, step: int) -> None:
        self._save_failed(step, "the program did not call checkpoint() after this step")

    def _save_failed(self, step: int, error: str) -> None:
        if self._reports is not None:
            self._reports.urgent({"save_failed": step, "error": error})

    def _refuse_in_child(self, what: str) -> None:
        if self._reports is not None and not self._mine:
            raise MusterError(f"{what} was called in a forked child, or after close(): only the process that joined may.")

    def _forked(self) -> None:
        # The threads do not exist in the child; the connections are the parent's.
        if not self._mine or self._reports is None or self._wishes is None:
            return
        self._mine = False
        self._loop.forked()
        self._reports.forked()
        self._wishes.forked()
        atexit.unregister(self.close)

    def _on_uncaught(self, kind: Type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
        """The last words of a program that dies between being given a checkpoint and its first step."""
        restore = self._facts.restore
        if self._mine and self._restored and not self._begun and restore is not None and isinstance(self._home, Keeper):
            try:
                with Connection(self._home.socket, FAREWELL_MAX) as connection:
                    connection.begin_chunked("POST", "/v1/reports")
                    connection.send_chunk(as_lines([{"restore_failed": restore.step, "error": f"{kind.__name__}: {error}"}]))
                    connection.send_chunk(b"")
                    connection.read_head()
            except OSError:
                pass  # the exit itself still says that something failed
        self._excepthook(kind, error, trace)
