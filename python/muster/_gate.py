"""Decides where a training loop saves, waits and ends, and what it may promise. Pure: no clock, thread, file or socket.

Not thread-safe: the loop and the reader of wishes call it under one lock. All of its safety is that ``reach`` counts the step
before anything is decided about it: from then on a proposal for that step is refused, and until then a promise made for it
is seen by ``at_save`` and ``at_end``. The same machine, with the same names, is StepGate in Muster.Worker.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional

PROPOSED, CONFIRMED, CANCELLED = "proposed", "confirmed", "cancelled"

# What the loop does where a step ends.
GO, SAVE, WAIT, END = "go", "save", "wait", "end"

# Confirmed requests not reached yet, kept at once; further proposals are refused.
CONFIRMED_MAX = 16


class Request(NamedTuple):
    """A checkpoint on demand: which step, whether the program ends after it, and where it stands."""

    id: int
    step: int
    ends: bool
    state: str


class Answer(NamedTuple):
    """What a rank says to a proposal; said once per id, and repeated unchanged where it may have been lost."""

    id: int
    done: int
    promises: bool


class StepGate:
    def __init__(self, every: int, start: int) -> None:
        self._every = every
        self._confirmed: Dict[int, bool] = {}  # step -> whether the loop ends there
        self._request: Optional[Request] = None
        self._answer: Optional[Answer] = None
        self._left = False
        self.done = start
        self.total: Optional[int] = None
        self.ended_early = False

    @property
    def standing_answer(self) -> Optional[Answer]:
        """The answer that the present request got, while it is proposed."""
        return self._answer if self._request is not None and self._request.state == PROPOSED else None

    @property
    def is_requested_here(self) -> bool:
        """Whether a confirmed request names the step just done."""
        return self.done in self._confirmed

    def on_wish(self, request: Optional[Request]) -> Optional[Answer]:
        """Takes what the keeper now wishes (None: nothing). Returns the answer to send, if one is asked for and was not given."""
        if request is None:
            self._request = self._answer = None
            return None
        before = self._request
        known = before is not None and before.id == request.id
        if known and before is not None and before.state != PROPOSED:
            return None  # confirmed and cancelled are final
        if request.state == CONFIRMED:
            self._confirm(request, known)
        if request.state != PROPOSED:
            self._answer = None
        elif not known:
            self._answer = self._decide(request)
        self._request = request
        return None if known else self._answer

    def begin(self, total: int) -> None:
        """The loop begins, or begins again, up to ``total`` steps."""
        self.total, self._left = total, False

    def leave(self) -> None:
        """The loop was left: it will stand at no further step."""
        self._left = True

    def reach(self, step: int) -> None:
        """Step number ``step`` has been done. Repeating it changes nothing."""
        if step == self.done:
            return
        if step != self.done + 1 or self._must_wait():
            raise AssertionError(f"invariant broken: step {step} reached after {self.done} with {self._request}")
        self.done = step

    def at_save(self) -> str:
        """Where the program offers to save the step just done: SAVE, GO, or WAIT and ask again after the next wish."""
        if self.done == self.total or (self._every > 0 and self.done % self._every == 0) or self.done in self._confirmed:
            return SAVE  # one save serves the period and a request for the same step
        return WAIT if self._must_wait() else GO

    def at_end(self) -> str:
        """Where the loop would go on to the next step: GO, END, or WAIT and ask again after the next wish."""
        if self.ended_early or (self.total is not None and self.done >= self.total):
            return END
        if self._must_wait():
            return WAIT
        if self._confirmed.get(self.done, False):
            self.ended_early = True
            return END
        if self._confirmed:
            self._confirmed = {step: ends for step, ends in self._confirmed.items() if step > self.done}
        return GO

    def _must_wait(self) -> bool:
        standing = self.standing_answer
        return standing is not None and standing.promises and self._request is not None and self._request.step == self.done

    def _confirm(self, request: Request, known: bool) -> None:
        # Unknown and still ahead: every other rank promised, so this one joins them although it was never asked.
        promised = (self._answer is not None and self._answer.promises) if known else request.step > self.done
        if promised:
            self._confirmed[request.step] = request.ends or self._confirmed.get(request.step, False)

    def _decide(self, request: Request) -> Answer:
        ends_before = any(ends and step < request.step for step, ends in self._confirmed.items())
        beyond = self.total is not None and request.step > self.total
        reaches = request.step > self.done and not (beyond or self._left or self.ended_early or ends_before)
        return Answer(request.id, self.done, reaches and len(self._confirmed) < CONFIRMED_MAX)
