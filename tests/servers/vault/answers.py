"""What goes in and out of the backends, and how they refuse."""
from __future__ import annotations

import dataclasses
import datetime
import re
import secrets
import time
from typing import Any, Callable

import gojson


class Refusal(Exception):
    """An answer with `errors`; no text means an empty list."""

    def __init__(self, status: int, *errors: str):
        super().__init__(status, *errors)
        self.status = status
        self.errors = list(errors)
        self.headers: tuple = ()
        self.close = False


class Dropped(Exception):
    """The connection closes without an answer, as after a panic in a handler."""


class NeverAnswered(Exception):
    """The request hangs."""


def wrapped(text: str) -> str:
    """How an error of a backend comes out when it is not an answer of its own."""
    return "1 error occurred:\n\t* %s\n\n" % text


def bad_request(text: str) -> Refusal:
    return Refusal(400, text)


def internal(text: str) -> Refusal:
    return Refusal(500, wrapped(text))


def permission_denied() -> Refusal:
    """The token is good but its policies do not allow it."""
    return Refusal(403, wrapped("permission denied"))


def bad_token() -> Refusal:
    return Refusal(403, "permission denied")


@dataclasses.dataclass
class Request:
    """An HTTP request after framing. `path` is decoded and has no /v1/."""
    method: str
    path: str
    target: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    remote: str
    short_body: bool = False  # the connection ended inside the body
    max_body: int = 33554432

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


@dataclasses.dataclass
class Answer:
    """What a backend gives; the core puts it into the envelope."""
    data: dict | None = None
    auth: dict | None = None
    warnings: list[str] | None = None
    status: int = 0             # 0: 200, or 204 when there is nothing to say
    top: dict | None = None     # fields beside the envelope's
    plain: Any = None           # JSON without an envelope
    wrap_info: dict | None = None
    request_id: str | None = None
    headers: tuple = ()
    newline: bool = True        # not when the backend writes the envelope itself

    @property
    def is_empty(self) -> bool:
        return self.data is None and self.auth is None and not self.warnings and self.wrap_info is None


@dataclasses.dataclass
class Response:
    status: int
    body: bytes | None = None   # None: no body and no length
    headers: tuple = ()
    is_json: bool = True
    no_store: bool = True
    close: bool = False


@dataclasses.dataclass
class Call:
    """One request as a backend sees it: the path within its mount, the operation, the fields of the body."""
    operation: str              # read, list, create, update, delete
    path: str
    fields: dict
    full_path: str
    remote: str
    namespace: str = ""
    token: Any = None
    mount: Any = None

    def text(self, name: str, default: str = "") -> str:
        value = self.fields.get(name)
        if value is None:
            return default
        text = gojson.as_text(value)
        if text is None:
            raise bad_request("error converting input %s for field %s: '' expected type 'string', got unconvertible "
                              "type '%s'" % (gojson.show(value), gojson.quoted(name), gojson.kind_of(value)))
        return text

    def integer(self, name: str, default: int = 0) -> int:
        return integer_field(self.fields.get(name), name, default)

    def boolean(self, name: str, default: bool = False) -> bool:
        value = self.fields.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            if value.lower() not in ("1", "t", "true", "0", "f", "false", ""):
                raise bad_request("error converting input %s for field %s: cannot parse '' as bool: "
                                  "strconv.ParseBool: parsing %s: invalid syntax" % (
                                      value, gojson.quoted(name), gojson.quoted(value)))
            return value.lower() in ("1", "t", "true")
        return bool(value)

    def seconds(self, name: str, default: int = 0) -> int:
        value = self.fields.get(name)
        if value is None:
            return default
        try:
            return gojson.seconds_of(value)
        except gojson.GoError as error:
            raise bad_request("error converting input %s for field %s: %s" % (
                gojson.show(value), gojson.quoted(name), error)) from None

    def words(self, name: str) -> list[str] | None:
        """A list, or text with commas; None when the field is not there."""
        value = self.fields.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            value = value.split(",")
        return [str(word).strip() for word in value if str(word).strip()]


def integer_field(value: Any, name: str, default: int = 0) -> int:
    if value is None:
        return default
    if isinstance(value, int):
        return int(value)
    try:
        return gojson.integer_of(gojson.as_text(value) or "")
    except gojson.GoError as error:
        raise bad_request("error converting input %s for field %s: cannot parse '' as int: %s" % (
            gojson.show(value), gojson.quoted(name), error)) from None


Handler = Callable[[Any, Call, re.Match], Any]


class Routes:
    """The paths of a backend: a pattern and a handler for each operation."""

    def __init__(self) -> None:
        self._routes: list[tuple[re.Pattern, dict[str, Handler]]] = []

    def on(self, pattern: str, *operations: str) -> Callable[[Handler], Handler]:
        compiled = re.compile(pattern + r"\Z", re.A)

        def register(handler: Handler) -> Handler:
            for known, handlers in self._routes:
                if known.pattern == compiled.pattern:
                    break
            else:
                handlers = {}
                self._routes.append((compiled, handlers))
            for operation in operations:
                handlers[operation] = handler
            return handler
        return register

    def call(self, backend: Any, call: Call, bare_errors: bool = False) -> Answer:
        shown = (lambda text: text) if bare_errors else wrapped
        for pattern, handlers in self._routes:
            found = pattern.match(call.path)
            if not found:
                continue
            handler = handlers.get(call.operation) or (call.operation == "create" and handlers.get("update"))
            if not handler:
                raise Refusal(405, shown("unsupported operation"))
            return handler(backend, call, found) or Answer()
        raise Refusal(404, shown("unsupported path"))


NAME = r"(?P<name>\w(?:[\w.-]*\w)?)"


class Clock:
    """The server's clock: all ttl logic reads it, tests move it."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._stopped: float | None = None

    def now(self) -> float:
        return (time.time() if self._stopped is None else self._stopped) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def stop(self, at: float | None = None) -> None:
        """From now on only advance() moves it."""
        self._stopped, self._ahead = (self.now() if at is None else at), 0.0

    def run(self) -> None:
        if self._stopped is not None:
            self._ahead, self._stopped = self.now() - time.time(), None


def uuid() -> str:
    text = secrets.token_hex(16)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def random_text(length: int) -> str:
    return "".join(_LETTERS[byte % 62] for byte in secrets.token_bytes(length))


def rfc3339(seconds: float, fraction: bool = True) -> str:
    text = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    if fraction:
        digits = ("%.9f" % (seconds % 1)).split(".")[1].rstrip("0")
        text += "." + digits if digits else ""
    return text + "Z"


ZERO_TIME = "0001-01-01T00:00:00Z"
