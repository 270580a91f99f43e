"""JSON, base64, durations and texts as a server written in Go reads and writes them."""
from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any


class GoError(Exception):
    """A refusal whose text is the one Go's library gives."""


class Number(str):
    """A JSON number that is not an integer, kept as it was written."""


_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)
_decoder = json.JSONDecoder(parse_float=Number, strict=True)
_escapes = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_needs_escape = re.compile("[<>&\u2028\u2029]")
_space = re.compile(r"[ \t\r\n]*")

_SYNTAX = {  # what Python says of a character -> what Go says
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
}


def encode(value: Any) -> bytes:
    """One line with a newline at its end, as json.Encoder writes."""
    return encode_bare(value) + b"\n"


def encode_bare(value: Any) -> bytes:
    text = _encoder.encode(value)
    if _needs_escape.search(text):
        text = _needs_escape.sub(lambda found: _escapes[found.group()], text)
    return text.encode()


def decode_object(body: bytes) -> tuple[dict, int]:
    """The first JSON value of `body`, which has to be an object, and where it ends. GoError as json.Decoder's."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1") if body[:1] not in b'{["' else body.decode(errors="replace")
    start = _space.match(text).end()
    if start == len(text):
        return {}, start
    try:
        value, end = _decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise GoError(_syntax_error(text, error)) from None
    except RecursionError:
        raise GoError("exceeded max depth") from None
    if value is None:
        return {}, end
    if not isinstance(value, dict):
        kind = {list: "array", str: "string", bool: "bool"}.get(type(value), "number")
        raise GoError("json: cannot unmarshal %s into Go value of type map[string]interface {}" % kind)
    return value, end


def _syntax_error(text: str, error: json.JSONDecodeError) -> str:
    if error.pos >= len(text) or error.msg.startswith("Unterminated string"):
        return "unexpected EOF"
    what = _SYNTAX.get(error.msg, "in string literal")
    char = chr(text[error.pos].encode()[0])  # Go looks at bytes
    shown = char if char.isprintable() else "\\x%02x" % ord(char)
    return "invalid character '%s' %s" % ("\\'" if char == "'" else shown, what)


def decode_base64(text: str) -> bytes:
    """Standard base64 with padding; newlines are skipped. GoError tells the byte where Go stops."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        pass
    raw = text.encode()
    bad = _first_bad_byte(raw)
    if bad is not None:
        raise GoError("illegal base64 data at input byte %d" % bad)
    return base64.b64decode(raw.replace(b"\n", b"").replace(b"\r", b""))


_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def _first_bad_byte(raw: bytes) -> int | None:
    at, count, size = 0, 0, len(raw)
    while at < size:
        byte = raw[at]
        at += 1
        if byte in b"\r\n":
            continue
        if byte in _ALPHABET:
            count = (count + 1) % 4
            continue
        if byte != ord("=") or count < 2:
            return at - 1
        if count == 2:
            while at < size and raw[at] in b"\r\n":
                at += 1
            if at == size:
                return size
            if raw[at] != ord("="):
                return at - 1
            at += 1
        while at < size and raw[at] in b"\r\n":
            at += 1
        return at if at < size else None
    return at - count if count else None


def kind_of(value: Any) -> str:
    """The Go type that holds a decoded JSON value."""
    if value is None:
        return "<nil>"
    if isinstance(value, Number):
        return "json.Number"
    names = {bool: "bool", int: "json.Number", str: "string", list: "[]interface {}", dict: "map[string]interface {}"}
    return names[type(value)]


def show(value: Any) -> str:
    """A value as fmt's %v shows it."""
    if isinstance(value, list):
        return "[%s]" % " ".join(show(item) for item in value)
    if isinstance(value, dict):
        return "map[%s]" % " ".join("%s:%s" % (name, show(value[name])) for name in sorted(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)


def as_text(value: Any) -> str | None:
    """A string the way a lenient decoder takes it; None when it cannot be one."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value) if isinstance(value, int) else None


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_part = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def seconds_of(value: Any) -> int:
    """A duration given as a number of seconds, as text of one, or as in "1h30m"."""
    if isinstance(value, bool) or isinstance(value, (list, dict)):
        raise GoError("could not parse duration from input")
    if value is None or value == "":
        return 0
    if isinstance(value, int):
        return value
    if not any(value.endswith(unit) for unit in "smh"):
        return integer_of(value)
    rest, total = value, 0.0
    while rest:
        found = _part.match(rest)
        if not found:
            raise GoError('time: invalid duration "%s"' % value)
        total += float(found.group(1)) * _UNITS[found.group(2)]
        rest = rest[found.end():]
    return int(total)


def integer_of(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text):
        raise GoError('strconv.ParseInt: parsing "%s": invalid syntax' % text)
    return int(text)


def long_duration(seconds: int) -> str:
    """As time.Duration prints: 1h0m0s."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return "%dh%dm%ds" % (hours, minutes, rest)
    return "%dm%ds" % (minutes, rest) if minutes else "%ds" % rest


def short_duration(seconds: int) -> str:
    """As newer servers print: 1h."""
    text = long_duration(seconds)
    if text.endswith("m0s"):
        text = text[:-2]
    return text[:-2] if text.endswith("h0m") else text


def quoted(text: str) -> str:
    """As fmt's %q shows it."""
    return json.dumps(text, ensure_ascii=False)
