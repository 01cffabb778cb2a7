"""The requests to the keeper that have an answer each: join, checkpoints, shards."""

from __future__ import annotations

import json
import time
from typing import Any, Dict, List, NamedTuple, Optional

from ._errors import KeeperRefused, KeeperUnreachable
from ._files import Begun, CheckpointDirectory, Shard
from ._http import Connection

VERSION_SPOKEN = 1
PAUSE_MIN = 0.02  # seconds before connecting again; doubles up to PAUSE_MAX
PAUSE_MAX = 1.0
GIVE_UP_PATIENCE = 5.0


class RestoreFacts(NamedTuple):
    """The checkpoint to resume from; no directory when it was saved by another number of ranks."""

    step: int
    world_size: int
    directory: Optional[str]


class RunFacts(NamedTuple):
    """Who this rank is and where it starts from."""

    job: str
    rank: int
    world_size: int
    local_rank: int
    local_world_size: int
    node_rank: int
    generation: int
    attempt: int
    every: int
    restore: Optional[RestoreFacts]


class _Reply(NamedTuple):
    status: int
    body: bytes
    repeated: bool

    def why(self) -> str:
        text = self.body.decode(errors="replace")
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return str(value["error"]) if isinstance(value, dict) and "error" in value else text

    def object(self, request: str) -> Dict[str, Any]:
        """The answer as an object, whose missing members are the keeper's fault."""
        if not 200 <= self.status < 300:
            raise KeeperRefused(request, self.status, self.why())
        try:
            value = json.loads(self.body)
        except ValueError as e:
            raise unexpected(e) from e
        if not isinstance(value, dict):
            raise unexpected(ValueError("not an object"))
        return value


def unexpected(cause: Exception) -> KeeperUnreachable:
    return KeeperUnreachable(
        f"Muster's keeper said something that the worker API does not know ({type(cause).__name__}: {cause}): "
        "use the muster package that belongs to the installed muster."
    )


class Keeper:
    """Where checkpoints live when there is a keeper. Requests are repeated for as long as it is away."""

    def __init__(self, socket: str) -> None:
        self.socket = socket

    def join(self, client: str, patience: float) -> RunFacts:
        """Joins. The answer comes when the checkpoint to resume from was found whole, which may take long."""
        run = self._ask("POST", "/v1/join", {"client": client}, patience).object("to let this process join")
        if run.get("version") != VERSION_SPOKEN:
            raise KeeperUnreachable(
                f"Muster's keeper speaks version {run.get('version')} of the worker API and this muster package speaks "
                f"{VERSION_SPOKEN}: install the muster package that belongs to the installed muster."
            )
        try:
            found = run.get("restore")
            restore = found and RestoreFacts(int(found["step"]), int(found["world_size"]), found.get("directory"))
            return RunFacts(
                str(run["job"]),
                int(run["rank"]),
                int(run["world_size"]),
                int(run["local_rank"]),
                int(run["local_world_size"]),
                int(run["node_rank"]),
                int(run["generation"]),
                int(run["attempt"]),
                int(run["checkpoint"]["every"]),
                restore,
            )
        except (KeyError, TypeError, ValueError) as e:
            raise unexpected(e) from e

    def begin(self, step: int, background: bool) -> Begun:
        body = {"step": step, "background": background}
        reply = self._ask("POST", "/v1/checkpoints", body)
        if reply.status == 409 and reply.repeated:
            # The first answer was lost with its connection: give that directory up and begin anew.
            self.give_up(step)
            reply = self._ask("POST", "/v1/checkpoints", body)
            if reply.status == 409:
                return Begun(None, f"the keeper's answer was lost with its connection ({reply.why()})")
        if reply.status == 507:
            return Begun(None, reply.why())
        try:
            return Begun(str(reply.object(f"the checkpoint of step {step}")["directory"]), "")
        except KeyError as e:
            raise unexpected(e) from e

    def complete(self, step: int, background: bool) -> Optional[str]:
        """The files are complete. Returns None, or why there is no checkpoint although training may go on (a full disk)."""
        reply = self._ask("POST", f"/v1/checkpoints/{step}/done", {})
        if reply.status == 507:
            return reply.why()
        if not (reply.status == 409 and reply.repeated):  # 409 to a repeated request: the first one was heard
            if not 200 <= reply.status < 300:
                raise KeeperRefused(f"the end of the checkpoint of step {step}", reply.status, reply.why())
        return None

    def give_up(self, step: int) -> None:
        try:
            self._ask("DELETE", f"/v1/checkpoints/{step}", None, GIVE_UP_PATIENCE)
        except KeeperUnreachable:
            pass  # never completed, so never committed: whatever the keeper is, it sweeps the directory

    def shards(self) -> List[Shard]:
        reply = self._ask("GET", "/v1/shards", None)
        if reply.status == 404:
            return []
        try:
            shards = reply.object("the list of shards")["shards"]
            return sorted(Shard(int(shard["rank"]), CheckpointDirectory(shard["directory"])) for shard in shards)
        except (KeyError, TypeError, ValueError) as e:
            raise unexpected(e) from e

    def _ask(self, method: str, path: str, body: Optional[Dict[str, Any]], patience: Optional[float] = None) -> _Reply:
        pause, waited = PAUSE_MIN, 0.0
        while True:
            try:
                with Connection(self.socket) as connection:
                    connection.send(method, path, None if body is None else json.dumps(body))
                    connection.read_head()
                    return _Reply(connection.status, connection.read_body(), waited > 0)
            except OSError as away:
                if patience is not None and waited >= patience:
                    raise KeeperUnreachable(
                        f"Muster's keeper did not answer on {self.socket} (MUSTER_SOCKET) within {patience:g} s: {away}. "
                        "Start the program with `muster run`, or unset MUSTER_SOCKET to run it alone."
                    ) from away
            time.sleep(pause)
            waited += pause
            pause = longer(pause)


def longer(pause: float) -> float:
    return min(pause * 2, PAUSE_MAX)
