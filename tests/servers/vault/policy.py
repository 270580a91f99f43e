"""Policies: the HCL that grants capabilities on paths, and which rule decides."""
from __future__ import annotations

import dataclasses
import json
import re

DEFAULT_POLICY = "".join('path "%s" { capabilities = [%s] }\n' % (path, ", ".join('"%s"' % c for c in grants))
                         for path, grants in [
    ("auth/token/lookup-self", ["read"]), ("auth/token/renew-self", ["update"]),
    ("auth/token/revoke-self", ["update"]), ("sys/capabilities-self", ["update"]),
    ("sys/internal/ui/resultant-acl", ["read"]), ("sys/renew", ["update"]), ("sys/leases/renew", ["update"]),
    ("sys/leases/lookup", ["update"]), ("cubbyhole/*", ["create", "read", "update", "delete", "list"]),
    ("sys/wrapping/wrap", ["update"]), ("sys/wrapping/lookup", ["update"]), ("sys/wrapping/unwrap", ["update"]),
    ("sys/tools/hash", ["update"]), ("sys/tools/hash/*", ["update"])])

_block = re.compile(r'path\s+"([^"]*)"\s*\{([^}]*)\}')
_capabilities = re.compile(r"capabilities\s*=\s*\[([^\]]*)\]")
_old_style = re.compile(r'policy\s*=\s*"(\w+)"')
_comment = re.compile(r"(?m)^\s*(#|//).*$")
_OLD = {"deny": ["deny"], "read": ["read", "list"], "write": ["create", "read", "update", "delete", "list"],
        "sudo": ["create", "read", "update", "delete", "list", "sudo"]}


def parse(text: str) -> dict[str, frozenset]:
    """Path patterns and what they grant, from HCL or from the JSON form of it."""
    rules: dict[str, frozenset] = {}
    stripped = text.strip()
    if stripped.startswith("{"):
        found = [(path, body.get("capabilities", [])) for path, body in json.loads(stripped).get("path", {}).items()]
    else:
        found = [(path, _granted(body)) for path, body in _block.findall(_comment.sub("", text))]
    for path, grants in found:
        rules[path] = rules.get(path, frozenset()) | frozenset(grants)
    return rules


def _granted(body: str) -> list[str]:
    old = _old_style.search(body)
    if old:
        return _OLD.get(old.group(1), [])
    listed = _capabilities.search(body)
    return re.findall(r'"([^"]+)"', listed.group(1)) if listed else []


@dataclasses.dataclass(frozen=True)
class Pattern:
    """One rule with a wildcard, and its rank among the rules that match the same path."""
    rank: tuple
    matcher: re.Pattern
    grants: frozenset


def _pattern(path: str, grants: frozenset) -> Pattern:
    is_prefix = path.endswith("*")
    base = path[:-1] if is_prefix else path
    parts = [part if part != "+" else None for part in base.split("/")]
    expression = "/".join("[^/]+" if part is None else re.escape(part) for part in parts)
    pluses = [index for index, part in enumerate(path.split("/")) if part == "+"]
    first = len("/".join(path.split("/")[:pluses[0]])) if pluses else len(base)
    # Higher wins: a later first wildcard, no glob at the end, fewer '+', longer, later in the alphabet.
    rank = (first, not is_prefix, -len(pluses), len(path), path)
    return Pattern(rank, re.compile(expression + (".*" if is_prefix else "") + r"\Z", re.S), grants)


class Acl:
    """What the policies of one token allow together."""

    def __init__(self, policies: list[dict[str, frozenset]], is_root: bool):
        self.is_root = is_root
        merged: dict[str, frozenset] = {}
        for rules in policies:
            for path, grants in rules.items():
                merged[path] = merged.get(path, frozenset()) | grants
        self._exact = {path: grants for path, grants in merged.items() if not path.endswith("*") and "+" not in path}
        patterns = [_pattern(path, grants) for path, grants in merged.items() if path not in self._exact]
        self._patterns = sorted(patterns, key=lambda pattern: pattern.rank, reverse=True)
        self._known: dict[str, frozenset] = {}

    def capabilities(self, path: str) -> frozenset:
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._look_up(path)
        return known

    def _look_up(self, path: str) -> frozenset:
        grants = self._exact.get(path)
        if grants is None:
            grants = next((p.grants for p in self._patterns if p.matcher.match(path)), frozenset())
        return frozenset() if "deny" in grants else grants

    def allows(self, capability: str, path: str) -> bool:
        if self.is_root:
            return True
        if capability in self.capabilities(path):
            return True
        # A list may be granted with or without the slash at its end.
        return capability == "list" and path.endswith("/") and capability in self.capabilities(path[:-1])

    def shown(self, path: str) -> list[str]:
        """As sys/capabilities-self tells."""
        return ["root"] if self.is_root else sorted(self.capabilities(path)) or ["deny"]
