"""The loop's side of StepGate: takes the lock, and waits where the gate says so."""

from __future__ import annotations

import threading
from typing import Callable, Iterator, Optional, Tuple

from ._errors import MusterError
from ._gate import END, SAVE, WAIT, Answer, Request, StepGate


class TrainingLoop:
    def __init__(self, gate: StepGate) -> None:
        self._gate = gate
        self._changed = threading.Condition()
        self._in_body = False
        self._running = False
        self._offered = -1
        # Steps done, as a report made now counts them: within the loop's body the present step is included.
        self.report_step = gate.done

    def progress(self) -> Tuple[int, Optional[int]]:
        """Steps done, and the total once the loop began."""
        with self._changed:
            return self._gate.done, self._gate.total

    @property
    def ended_early(self) -> bool:
        return self._gate.ended_early

    def on_wish(self, request: Optional[Request], repeat: bool) -> Optional[Answer]:
        """Hands the gate what the keeper wishes. With ``repeat`` an answer that may have been lost is given again."""
        with self._changed:
            answer = self._gate.on_wish(request)
            if answer is None and repeat:
                answer = self._gate.standing_answer
            self._changed.notify_all()
            return answer

    def run(self, total: int, begun: Callable[[], None], missed: Callable[[int], None]) -> Iterator[int]:
        """Yields the steps still to do, after calling ``begun``. ``missed`` is told a requested step that was not offered to save."""
        if self._running:
            raise MusterError("A loop over run.steps() is running already: a program has one at a time.")
        self._running = True
        try:
            with self._changed:
                self._gate.begin(total)
            begun()
            while self._go_on(missed):
                self.report_step = self._gate.done + 1
                self._in_body = True
                yield self.report_step - 1
                self._in_body = False
                with self._changed:
                    self._gate.reach(self.report_step)
        finally:
            self._running = self._in_body = False
            with self._changed:
                self._gate.leave()

    def offer_save(self) -> Optional[int]:
        """The program offers to save: waits where a promise stands. Returns the step to save, or None when none is due."""
        if not self._in_body:
            raise MusterError("checkpoint() was called outside the loop over run.steps(): call it in its body, after training.")
        if self._offered == self.report_step:
            raise MusterError(f"checkpoint() was called twice in step {self.report_step - 1}: save everything in one call.")
        with self._changed:
            self._gate.reach(self.report_step)
            self._offered = self.report_step
            turn = self._gate.at_save()
            while turn == WAIT:
                self._changed.wait()
                turn = self._gate.at_save()
            return self.report_step if turn == SAVE else None

    def forked(self) -> None:
        """In a forked child: the lock may be held by a thread that does not exist here."""
        self._changed = threading.Condition()

    def _go_on(self, missed: Callable[[int], None]) -> bool:
        with self._changed:
            while True:
                requested, step = self._gate.is_requested_here, self._gate.done
                turn = self._gate.at_end()
                if turn != WAIT:
                    break
                self._changed.wait()
        if requested and self._offered != step:
            self._offered = step
            missed(step)
        return turn != END
