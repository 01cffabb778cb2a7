"""The two long exchanges with the keeper, each on a daemon thread of its own: reports go up, wishes come down.

Neither is ever waited for by the loop. A stream that breaks is opened again for as long as the program runs; what a new stream
must know (total, checkpoint restored, the answer that stands) is said again at its beginning.
"""

from __future__ import annotations

import json
import math
import select
import threading
import time
from collections import deque
from typing import Any, Deque, Dict, List, Optional, Tuple

from ._gate import CANCELLED, CONFIRMED, PROPOSED, Answer, Request
from ._http import Connection
from ._keeper import PAUSE_MIN, longer
from ._loop import TrainingLoop

REPORTS_MAX = 8192  # reports that wait to be sent; past it the oldest are dropped
BATCH_MAX = 1024  # reports in one chunk
FLUSH_EVERY = 0.1  # seconds
SILENCE_MAX = 30.0  # seconds without a wish after which the stream counts as broken (the keeper speaks every 10 s)
FAREWELL_MAX = 1.0  # seconds that leaving waits for the last reports to be taken

Line = Dict[str, Any]
Report = Tuple[int, Dict[str, float]]


def number(value: float) -> object:
    """JSON has no NaN and no infinity, and a loss of NaN is what one most wants to see: those travel as strings."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


class Reports:
    """Sends what the loop reports, in batches, over one long chunked request."""

    def __init__(self, socket: str, loop: TrainingLoop) -> None:
        self._socket = socket
        self._loop = loop
        self._changed = threading.Condition()
        self._urgent: List[Line] = []
        self._restored: Optional[int] = None
        self._prelude_stale = False
        self._leaving = False
        self._start = self._step_sent = loop.progress()[0]
        self._connection: Optional[Connection] = None
        # Appending to a deque is atomic: the loop takes no lock and wakes nobody.
        self.waiting: Deque[Report] = deque(maxlen=REPORTS_MAX)
        self._thread = threading.Thread(target=self._run, name="muster reports", daemon=True)
        self._thread.start()

    def urgent(self, line: Line) -> None:
        """Sends a line at once, and again on the next stream if this one breaks under it."""
        with self._changed:
            self._urgent.append(line)
            self._changed.notify()

    def began(self, restored: Optional[int]) -> None:
        """The loop has begun: the checkpoint, if there was one, loaded."""
        with self._changed:
            self._restored = restored
            self._prelude_stale = True
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._leaving = True
            self._changed.notify()
        self._thread.join(FAREWELL_MAX)

    def forked(self) -> None:
        """In a forked child: lets go of the parent's stream, so that its end is seen when the parent ends."""
        if self._connection is not None:
            self._connection.let_go()

    def _run(self) -> None:
        pause = PAUSE_MIN
        while True:
            try:
                with Connection(self._socket, SILENCE_MAX) as connection:
                    self._connection = connection
                    connection.begin_chunked("POST", "/v1/reports")
                    with self._changed:
                        self._prelude_stale = True
                    # What was sent may be lost: the present step is told again, after the reports that wait.
                    self._step_sent = self._start
                    while not has_news(connection):  # an answer before the end means that the keeper gives this stream up
                        last = self._wait_for_work()
                        self._flush(connection)
                        pause = PAUSE_MIN
                        if last:
                            connection.socket.settimeout(FAREWELL_MAX)
                            connection.send_chunk(b"")
                            connection.read_head()  # 204: the keeper has read everything
                            return
            except OSError:
                pass  # the keeper is away: what was in this batch is lost, as reports may be
            if self._leaving:
                return
            time.sleep(pause)
            pause = longer(pause)

    def _wait_for_work(self) -> bool:
        with self._changed:
            if not (self._urgent or self._prelude_stale or self._leaving):
                self._changed.wait(FLUSH_EVERY)
            return self._leaving

    def _flush(self, connection: Connection) -> None:
        with self._changed:
            lines = self._prelude() if self._prelude_stale else []
            self._prelude_stale = False
            urgent = len(self._urgent)
            lines += self._urgent
        for _ in range(len(self.waiting)):
            try:
                step, metrics = self.waiting.popleft()
            except IndexError:
                break
            self._step_sent = max(self._step_sent, step)
            lines.append({"step": step, "metrics": {name: number(value) for name, value in metrics.items()}})
            if len(lines) >= BATCH_MAX:
                connection.send_chunk(as_lines(lines))
                lines = []
        done = self._loop.progress()[0]
        if done > self._step_sent:
            self._step_sent = done
            lines.append({"step": done})
        if lines:
            connection.send_chunk(as_lines(lines))
        with self._changed:
            del self._urgent[:urgent]

    def _prelude(self) -> List[Line]:
        lines: List[Line] = [] if self._restored is None else [{"restored": self._restored}]
        total = self._loop.progress()[1]
        if total is not None:
            lines.append({"total": total})
        return lines


class Wishes:
    """Reads what the keeper wishes, and answers proposals at once."""

    def __init__(self, socket: str, loop: TrainingLoop, reports: Reports) -> None:
        self._socket = socket
        self._loop = loop
        self._reports = reports
        self._leaving = False
        self._connection: Optional[Connection] = None
        threading.Thread(target=self._run, name="muster wishes", daemon=True).start()

    def close(self) -> None:
        self._leaving = True
        connection = self._connection
        if connection is not None:
            connection.hang_up()

    def forked(self) -> None:
        if self._connection is not None:
            self._connection.let_go()

    def _run(self) -> None:
        pause = PAUSE_MIN
        while not self._leaving:
            try:
                with Connection(self._socket, SILENCE_MAX) as connection:
                    self._connection = connection
                    connection.send("GET", "/v1/requests")
                    first = True
                    if connection.read_head() == 200:
                        line = connection.read_line()
                        while line is not None and not self._leaving:
                            self._take(line, first)
                            first = False
                            pause = PAUSE_MIN
                            line = connection.read_line()
            except (OSError, ValueError, KeyError, TypeError):
                pass  # the keeper is away, or says what we do not know; or we are leaving
            if self._leaving:
                return
            time.sleep(pause)
            pause = longer(pause)

    def _take(self, line: bytes, first: bool) -> None:
        wish = json.loads(line) if line.strip() else {}
        if "request" not in wish:
            return  # says nothing about requests: that is not "none"
        request = wish["request"]
        if request is not None and request["state"] not in (PROPOSED, CONFIRMED, CANCELLED):
            return  # a later version's state
        asked = request and Request(int(request["id"]), int(request["step"]), bool(request["ends"]), request["state"])
        answer = self._loop.on_wish(asked, first)
        if answer is not None:
            self._reports.urgent(answer_line(answer))


def answer_line(answer: Answer) -> Line:
    return {"promise" if answer.promises else "refuse": answer.id, "step": answer.done}


def as_lines(lines: List[Line]) -> bytes:
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()


def has_news(connection: Connection) -> bool:
    """Whether there is something to read, be it the end. (Not select: it refuses descriptors above 1023.)"""
    poll = select.poll()
    poll.register(connection.socket, select.POLLIN)
    return bool(poll.poll(0))
