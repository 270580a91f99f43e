"""The HTTP front: connections, framing and TLS, as Go's net/http does them."""
from __future__ import annotations

import asyncio
import email.utils
import http
import ssl
import urllib.parse

from answers import Dropped, NeverAnswered, Request, Response
from controls import Controls
from node import Node

CONTENT_LENGTH_UP_TO = 2048  # bytes of an answer; above it is chunked
LINGER = 0.5                 # seconds a closing connection still reads, so that its answer is not lost
MAX_HEADERS = 1 << 20

_REASONS = {status.value: status.phrase for status in http.HTTPStatus}
_REASONS[413] = "Request Entity Too Large"


class Front:
    """One listener: a node, what tests do to it, and how its connections are."""

    def __init__(self, node: Node, has_controls: bool, max_body: int, tls: ssl.SSLContext | None = None):
        self.node = node
        self.controls = Controls(node)
        self.has_controls = has_controls
        self.max_body = max_body
        self.tls = tls
        self._date = (0, "")

    def date(self) -> str:
        now = int(self.node.vault.clock.now())
        if self._date[0] != now:
            self._date = now, email.utils.formatdate(now, usegmt=True)
        return self._date[1]


class Tls:
    """TLS between the wire and the connection."""

    def __init__(self, context: ssl.SSLContext):
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._ready = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """What the peer said in plain, and what has to be sent back. Raises ssl.SSLError."""
        self._in.write(data)
        plain = b""
        try:
            if not self._ready:
                self._tls.do_handshake()
                self._ready = True
            while True:
                part = self._tls.read(1 << 18)
                if not part:
                    break
                plain += part
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            pass
        return plain, self._out.read()

    def seal(self, data: bytes) -> bytes:
        self._tls.write(data)
        return self._out.read()

    def pending(self) -> bytes:
        return self._out.read()

    def goodbye(self) -> bytes:
        """The alert that ends the session."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            pass
        return self._out.read()


def offered_protocols(hello: bytes) -> list[bytes] | None:
    """The ALPN names in a ClientHello; None when there are none or it is cut."""
    try:
        at = 5 + 4 + 2 + 32
        at += 1 + hello[at]
        at += 2 + int.from_bytes(hello[at:at + 2], "big")
        at += 1 + hello[at]
        end = at + 2 + int.from_bytes(hello[at:at + 2], "big")
        at += 2
        while at + 4 <= min(end, len(hello)):
            kind, size = int.from_bytes(hello[at:at + 2], "big"), int.from_bytes(hello[at + 2:at + 4], "big")
            at += 4
            if kind == 16:
                names, place = [], at + 2
                while place < at + size:
                    names.append(hello[place + 1:place + 1 + hello[place]])
                    place += 1 + hello[place]
                return names
            at += size
    except IndexError:
        pass
    return None


# A fatal alert: no_application_protocol.
NO_PROTOCOL_ALERT = b"\x15\x03\x03\x00\x02\x02\x78"


class BadRequest(Exception):
    """A request that net/http refuses before any handler sees it."""


class Head:
    """A parsed request line and headers."""
    __slots__ = ("method", "target", "version", "headers", "length", "chunked")

    def __init__(self, raw: bytes):
        lines = raw.decode("latin-1").split("\r\n")
        parts = lines[0].split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/"):
            raise BadRequest("400 Bad Request")
        self.method, self.target, self.version = parts
        self.headers: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name[-1:] in " \t":
                raise BadRequest("400 Bad Request")
            self.headers.setdefault(name.lower(), value.strip(" \t"))
        if self.version not in ("HTTP/1.1", "HTTP/1.0") and self.method != "PRI":
            raise BadRequest("505 HTTP Version Not Supported: unsupported protocol version")
        if self.version == "HTTP/1.1" and "host" not in self.headers:
            raise BadRequest("400 Bad Request: missing required Host header")
        self.chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        length = self.headers.get("content-length", "0")
        if not length.isdigit():
            raise BadRequest("400 Bad Request")
        self.length = 0 if self.chunked else int(length)

    def keeps_alive(self) -> bool:
        connection = self.headers.get("connection", "").lower()
        return "keep-alive" in connection if self.version == "HTTP/1.0" else "close" not in connection


class Connection(asyncio.Protocol):
    """Answers the requests of one connection, in order."""

    def __init__(self, front: Front):
        self.front = front
        self.transport: asyncio.Transport
        self.tls: Tls | None = None
        self.buffer = bytearray()
        self.head: Head | None = None
        self.chunks: bytearray | None = None
        self.skip = 0            # bytes of a body that nobody reads
        self.is_over = False     # no more requests are taken
        self.remote = ""

    # ---- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        peer = transport.get_extra_info("peername")
        self.remote = peer[0] if isinstance(peer, tuple) else ""

    def data_received(self, data: bytes) -> None:
        if self.is_over:
            return
        if self.front.tls is not None:
            data = self._open_tls(data)
        if not data:
            return
        self.buffer += data
        self._take_requests()

    def eof_received(self) -> bool:
        if self.head is not None and not self.is_over:
            body = bytes(self.chunks if self.chunks is not None else self.buffer)
            self._answer(self.head, body, short_body=True)
        if self.tls and not self.is_over:
            self.transport.write(self.tls.goodbye())
        self.transport.close()
        return False

    def _open_tls(self, data: bytes) -> bytes:
        if self.tls is None:
            if data[0] != 0x16:
                self.transport.write(b"HTTP/1.0 400 Bad Request\r\n\r\n"
                                     b"Client sent an HTTP request to an HTTPS server.\n")
                self._close()
                return b""
            offered = offered_protocols(data)
            if offered is not None and b"http/1.1" not in offered:
                self.transport.write(NO_PROTOCOL_ALERT)
                self._close()
                return b""
            self.tls = Tls(self.front.tls)
        try:
            plain, out = self.tls.feed(data)
        except ssl.SSLError:
            self.transport.write(self.tls.pending())
            self._close()
            return b""
        if out:
            self.transport.write(out)
        return plain

    # ---- framing

    def _take_requests(self) -> None:
        try:
            while not self.is_over and self._take_one():
                pass
        except BadRequest as refusal:
            line = str(refusal).encode()
            self._send(b"HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n%s" % (
                line, line))
            self._close()

    def _take_one(self) -> bool:
        buffer = self.buffer
        if self.skip:
            dropped = min(self.skip, len(buffer))
            del buffer[:dropped]
            self.skip -= dropped
            if self.skip:
                return False
        if self.head is None:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(buffer) > MAX_HEADERS:
                    raise BadRequest("431 Request Header Fields Too Large")
                return False
            self.head = Head(bytes(buffer[:end]))
            del buffer[:end + 4]
            self.chunks = bytearray() if self.head.chunked else None
            has_body = self.head.chunked or len(buffer) < self.head.length
            if has_body and self.head.headers.get("expect", "").lower() == "100-continue":
                self._send(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._chunked_body() if self.head.chunked else self._plain_body()
        if body is None:
            return False
        head, self.head = self.head, None
        self._answer(head, body)
        return True

    def _plain_body(self) -> bytes | None:
        # A body above the limit is looked at as soon as the limit is passed.
        wanted = min(self.head.length, self.front.max_body + 1)
        if len(self.buffer) < wanted:
            return None
        body = bytes(self.buffer[:wanted])
        del self.buffer[:wanted]
        self.skip = self.head.length - wanted
        return body

    def _chunked_body(self) -> bytes | None:
        while True:
            end = self.buffer.find(b"\r\n")
            if end < 0:
                return None
            try:
                size = int(self.buffer[:end].split(b";")[0], 16)
            except ValueError:
                raise BadRequest("400 Bad Request") from None
            if len(self.buffer) < end + 2 + size + 2:
                return None
            self.chunks += self.buffer[end + 2:end + 2 + size]
            del self.buffer[:end + 2 + size + 2]
            if size == 0:
                return bytes(self.chunks)

    # ---- answering

    def _answer(self, head: Head, body: bytes, short_body: bool = False) -> None:
        path, _, query = head.target.partition("?")
        request = Request(
            head.method, urllib.parse.unquote(path.removeprefix("/v1/")), head.target,
            dict(urllib.parse.parse_qsl(query, keep_blank_values=True)) if query else {}, head.headers, body,
            self.remote, short_body, self.front.max_body)
        controls = self.front.controls
        if path.startswith("/_test/") and self.front.has_controls:
            self._respond(head, controls.handle(request))
            return
        fault = controls.fault_for(path) if self.front.has_controls else None
        try:
            if fault and fault.mode == "drop":
                raise Dropped()
            if fault and fault.mode == "stall":
                raise NeverAnswered()
            if fault and fault.mode == "answer":
                response = controls.answer_of(fault)
            else:
                response = self.front.node.handle(request)
            if fault and fault.mode == "drop-after":
                raise Dropped()
        except Dropped:
            self.is_over = True
            self.transport.abort() if fault and fault.mode == "drop" else self.transport.close()
            return
        except NeverAnswered:
            self.is_over = True
            return
        if fault and fault.mode == "delay":
            self.is_over = True
            asyncio.get_running_loop().call_later(fault.seconds, self._respond_late, head, response)
            return
        self._respond(head, response)

    def _respond_late(self, head: Head, response: Response) -> None:
        self.is_over = False
        self._respond(head, response)
        self._take_requests()

    def _respond(self, head: Head, response: Response) -> None:
        closes = response.close or not head.keeps_alive() or head.method == "PRI"
        body = response.body
        is_old = head.version == "HTTP/1.0"
        lines = ["%s %d %s" % ("HTTP/1.0" if is_old else "HTTP/1.1", response.status,
                               _REASONS.get(response.status) or "status code %d" % response.status)]
        if response.no_store:
            lines.append("Cache-Control: no-store")
        if response.is_json:
            lines.append("Content-Type: application/json")
        lines += ["%s: %s" % header for header in response.headers]
        lines.append("Date: " + self.front.date())
        is_chunked = False
        if body is not None:
            is_chunked = len(body) > CONTENT_LENGTH_UP_TO and not is_old and head.method != "HEAD"
            lines.append("Transfer-Encoding: chunked" if is_chunked else "Content-Length: %d" % len(body))
        if closes and not is_old:
            lines.append("Connection: close")
        elif is_old and not closes:
            lines.append("Connection: keep-alive")
        lines.append("\r\n")
        out = "\r\n".join(lines).encode("latin-1")
        if is_chunked:
            out = b"".join((out, b"%x\r\n" % len(body), body, b"\r\n0\r\n\r\n"))
        elif body and head.method != "HEAD":
            out += body
        self._send(out)
        if closes:
            self._close()

    def _send(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(self.tls.seal(data) if self.tls else data)

    def _close(self) -> None:
        """Ends after what was written; goes on reading for a moment, else unread bytes would reset the answer."""
        self.is_over = True
        self.buffer.clear()
        if self.transport.is_closing():
            return
        if self.tls:
            self.transport.write(self.tls.goodbye())
        if self.transport.can_write_eof():
            self.transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER, self.transport.close)


