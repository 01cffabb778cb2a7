"""HTTP/1.1 over the worker's Unix socket, as little of it as a training program needs."""

from __future__ import annotations

import os
import socket
from typing import BinaryIO, List, Optional

HEAD_BYTES_MAX = 16 * 1024
LINE_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 16 * 1024 * 1024


class Broken(OSError):
    """The other side hung up, or said something that is not HTTP. Worth another try."""


class Connection:
    """One exchange. ``silence``: seconds a read endures, None: any."""

    def __init__(self, path: str, silence: Optional[float] = None) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.settimeout(silence)
            self.socket.connect(path)
        except BaseException:
            self.socket.close()
            raise
        self._in: BinaryIO = self.socket.makefile("rb")
        self.status = 0
        self._chunked = False
        self._length: Optional[int] = None

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        try:
            self._in.close()
        finally:
            self.socket.close()

    def hang_up(self) -> None:
        """Ends a read that another thread is in."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def let_go(self) -> None:
        """Closes this process's descriptor and leaves the connection to the process it was forked from."""
        descriptor = self.socket.detach()
        if descriptor >= 0:
            os.close(descriptor)

    def send(self, method: str, path: str, body: Optional[str] = None) -> None:
        content = b"" if body is None else body.encode()
        kind = "" if body is None else "Content-Type: application/json\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: muster\r\nConnection: close\r\n{kind}Content-Length: {len(content)}\r\n\r\n"
        self.socket.sendall(head.encode() + content)

    def begin_chunked(self, method: str, path: str) -> None:
        head = f"{method} {path} HTTP/1.1\r\nHost: muster\r\nContent-Type: application/x-ndjson\r\n"
        head += "Transfer-Encoding: chunked\r\n\r\n"
        self.socket.sendall(head.encode())

    def send_chunk(self, content: bytes) -> None:
        """Sends one chunk; an empty one ends the body."""
        self.socket.sendall(b"%x\r\n%b\r\n" % (len(content), content))

    def read_head(self) -> int:
        """Reads the answer's head, passing over interim answers (1xx), and returns the status."""
        self._read_one_head()
        while 100 <= self.status < 200:
            self._read_one_head()
        return self.status

    def read_body(self) -> bytes:
        parts: List[bytes] = []
        left = BODY_BYTES_MAX
        while True:
            part = self._read_part(left + 1)
            if not part:
                return b"".join(parts)
            left -= len(part)
            if left < 0:
                raise Broken(f"Muster's keeper sent a body of more than {BODY_BYTES_MAX} bytes")
            parts.append(part)

    def read_line(self) -> Optional[bytes]:
        """The body's next line, without its end; None at the end. Only of a body in chunks or without a length."""
        line = b""
        while not line.endswith(b"\n"):
            part = self._read_line_part()
            if not part:
                return line or None
            line += part
            if len(line) > LINE_BYTES_MAX:
                raise Broken(f"Muster's keeper sent a line of more than {LINE_BYTES_MAX} bytes")
        return line[:-1]

    def _read_one_head(self) -> None:
        first = self._head_line().split(" ", 2)
        if len(first) < 2 or not first[0].startswith("HTTP/1.") or not first[1].isdigit():
            raise Broken("Muster's keeper did not answer with HTTP/1.1")
        self.status = int(first[1])
        self._chunked, self._length = False, None
        size = 0
        while True:
            line = self._head_line()
            if not line:
                break
            size += len(line)
            if size > HEAD_BYTES_MAX:
                raise Broken(f"Muster's keeper sent a head of more than {HEAD_BYTES_MAX} bytes")
            name, _, value = line.partition(":")
            if name.strip().lower() == "transfer-encoding":
                self._chunked = value.strip().lower().endswith("chunked")
            elif name.strip().lower() == "content-length":
                self._length = self._number(value.strip(), 10)
        if self.status in (204, 304) or self.status < 200:
            self._chunked, self._length = False, 0
        elif self._chunked:
            self._length = 0

    def _read_part(self, most: int) -> bytes:
        """Some of the body, b"" at its end."""
        if not self._ready():
            return b""
        content = self._in.read(most if self._length is None else min(most, self._length))
        return self._took(content)

    def _read_line_part(self) -> bytes:
        if not self._ready():
            return b""
        content = self._in.readline(LINE_BYTES_MAX + 1 if self._length is None else min(LINE_BYTES_MAX + 1, self._length))
        return self._took(content)

    def _ready(self) -> bool:
        if self._length == 0 and self._chunked:
            self._length = self._number(self._head_line().partition(";")[0].strip(), 16)
            if self._length == 0:
                self._chunked = False
                while self._head_line():
                    pass  # trailers say nothing to us
        return self._length is None or self._length > 0

    def _took(self, content: bytes) -> bytes:
        if self._length is None:
            return content
        if not content:
            raise Broken("Muster's keeper hung up in the middle of a body")
        self._length -= len(content)
        if self._length == 0 and self._chunked:
            self._head_line()  # the end of the chunk's line
        return content

    def _head_line(self) -> str:
        line = self._in.readline(HEAD_BYTES_MAX + 1)
        if not line.endswith(b"\n"):
            raise Broken("Muster's keeper hung up in the middle of an answer")
        return line.strip().decode("latin-1")

    @staticmethod
    def _number(text: str, base: int) -> int:
        try:
            number = int(text, base)
        except ValueError:
            number = -1
        if number < 0:
            raise Broken(f"Muster's keeper sent the length '{text}'")
        return number
