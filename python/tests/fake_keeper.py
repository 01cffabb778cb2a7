"""A keeper that speaks docs/worker-api.md and does as the test says."""

import json
import os
import shutil
import socket
import tempfile
import threading

WAIT = 10.0  # seconds a test waits for something that must happen


class FakeKeeper:
    def __init__(self, **run):
        self.root = tempfile.mkdtemp(prefix="mk")
        self.path = os.path.join(self.root, "worker.sock")
        self.run = {
            "version": 1, "job": "fake", "rank": 0, "world_size": 1, "local_rank": 0, "local_world_size": 1, "node_rank": 0,
            "generation": 3, "attempt": 1, "checkpoint": {"every": 0, "uncommitted": 2}, "restore": None,
        }
        self.run.update(run)
        self.changed = threading.Condition()
        self.lines = []  # report lines
        self.asked = []  # "METHOD path" of every request
        self.begun = {}  # step -> directory
        self.done = {}  # step -> files as bytes
        self.given_up = []
        self.ended = 0  # report streams that ended properly
        self.open_streams = 0
        self.shards = None
        self.full = False
        self.no_space = False
        self.strict = False  # a step that was given up is not begun again
        self.lose_begin_answer = False
        self.allow_begin = threading.Event()
        self.allow_begin.set()
        self.drain = threading.Event()
        self.drain.set()
        self.wish_line = {"committed": None, "durable": None, "request": None}
        self.wish_count = 0
        self._connections = []
        self.start()

    def start(self):
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(64)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def go_away(self):
        """Every connection ends and nobody listens, until start()."""
        os.unlink(self.path)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self.changed:
            connections, self._connections = self._connections, []
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        if os.path.exists(self.path):
            self.go_away()
        shutil.rmtree(self.root, ignore_errors=True)

    def wish(self, request):
        with self.changed:
            self.wish_line = dict(self.wish_line, request=request)
            self.wish_count += 1
            self.changed.notify_all()

    def wait_for(self, condition, what="something"):
        with self.changed:
            if not self.changed.wait_for(condition, WAIT):
                raise AssertionError(f"{what} did not happen within {WAIT} s; lines: {self.lines[-5:]}, asked: {self.asked[-8:]}")

    def wait_for_line(self, **members):
        self.wait_for(lambda: any(all(line.get(k) == v for k, v in members.items()) for line in self.lines), str(members))

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self.changed:
                self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rb") as reader:
                head = reader.readline().decode().split()
                if len(head) < 2:
                    return
                length = 0
                while True:
                    line = reader.readline().strip().lower()
                    if not line:
                        break
                    if line.startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                method, path = head[0], head[1]
                with self.changed:
                    self.asked.append(f"{method} {path}")
                    self.changed.notify_all()
                if path == "/v1/reports":
                    self._reports(connection, reader)
                elif path == "/v1/requests":
                    self._requests(connection)
                else:
                    body = json.loads(reader.read(length) or b"null")
                    answer = self._answer(method, path, body)
                    if answer is not None:
                        self._reply(connection, *answer)
        except (OSError, ValueError):
            pass

    def _reply(self, connection, status, body):
        content = b"" if body is None else json.dumps(body).encode()
        connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (status, len(content), content))

    def _answer(self, method, path, body):
        if path in ("/v1/join", "/v1/run"):
            return 200, self.run
        if path == "/v1/shards":
            return (404, {"error": "no checkpoint"}) if self.shards is None else (200, self.shards)
        if (method, path) == ("POST", "/v1/checkpoints"):
            return self._begin(body["step"])
        step = int(path.split("/")[3])
        if method == "DELETE":
            with self.changed:
                self.given_up.append(step)
                shutil.rmtree(self.begun.pop(step, self.root + "/none"), ignore_errors=True)
                self.changed.notify_all()
            return 204, None
        return self._done(step)

    def _begin(self, step):
        self.allow_begin.wait(WAIT)
        with self.changed:
            if self.no_space:
                return 507, {"error": "No space left on device"}
            if step in self.begun or (step in self.given_up and self.strict):
                return 409, {"error": f"step {step} was begun already"}
            directory = os.path.join(self.root, f"{step}.{len(self.asked)}")
            os.mkdir(directory)
            self.begun[step] = directory
            self.changed.notify_all()
            if self.lose_begin_answer:
                self.lose_begin_answer = False
                return None
        return 201, {"directory": directory}

    def _done(self, step):
        if self.full:
            return 507, {"error": "No space left on device"}
        files = {}
        for name in os.listdir(self.begun[step]):
            with open(os.path.join(self.begun[step], name), "rb") as f:
                files[name] = f.read()
        with self.changed:
            self.done[step] = files
            self.changed.notify_all()
        return 200, {"bytes": sum(map(len, files.values())), "files": []}

    def _reports(self, connection, reader):
        with self.changed:
            self.open_streams += 1
        try:
            while True:
                self.drain.wait(60)
                size = int(reader.readline(), 16)
                content = reader.read(size)
                reader.readline()
                with self.changed:
                    self.lines.extend(json.loads(line) for line in content.splitlines())
                    self.ended += size == 0
                    self.changed.notify_all()
                if size == 0:
                    self._reply(connection, 204, None)
                    return
        finally:
            with self.changed:
                self.open_streams -= 1
                self.changed.notify_all()

    def _requests(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = -1
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.wish_count != sent or connection not in self._connections, 60)
                if connection not in self._connections:
                    return
                sent, line = self.wish_count, json.dumps(self.wish_line).encode() + b"\n"
            connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
