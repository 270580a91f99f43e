"""What tests may do to the server: the paths below /_test/ (see README.md)."""
from __future__ import annotations

import collections
import dataclasses
from typing import Any

import gojson
from answers import Call, Refusal, Request, Response, uuid
from node import Node


@dataclasses.dataclass
class Fault:
    """What happens to the next `count` requests whose path starts with `prefix`."""
    prefix: str
    count: int
    mode: str                  # answer, drop, drop-after, stall, delay
    status: int = 500
    body: Any = None
    headers: tuple = ()
    seconds: float = 0.0       # of a delay
    skip: int = 0              # requests let through before


MODES = ("answer", "drop", "drop-after", "stall", "delay")


class Controls:
    """Of one node; counts and faults are its own, the rest acts on the shared vault."""

    def __init__(self, node: Node):
        self.node = node
        self.counts: collections.Counter = collections.Counter()
        self.faults: list[Fault] = []

    def fault_for(self, path: str) -> Fault | None:
        """Counts a request, and takes it from the first fault that is meant for it."""
        self.counts[path] += 1
        for fault in self.faults:
            if not path.startswith(fault.prefix):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.count -= 1
            if not fault.count:
                self.faults.remove(fault)
            return fault
        return None

    @staticmethod
    def answer_of(fault: Fault) -> Response:
        if fault.body is None:
            return Response(fault.status, gojson.encode({"errors": []}), fault.headers)
        if isinstance(fault.body, str):
            return Response(fault.status, fault.body.encode(), fault.headers)
        return Response(fault.status, gojson.encode(fault.body), fault.headers)

    def handle(self, request: Request) -> Response:
        name = request.target.partition("?")[0].removeprefix("/_test/").replace("-", "_")
        handler = getattr(self, "_on_" + name, None)
        try:
            if handler is None:
                raise Refusal(404, "no test control is called %s" % name)
            fields, _ = gojson.decode_object(request.body)
            value = handler(request, Call("update", name, fields, name, request.remote))
        except (Refusal, gojson.GoError, KeyError, TypeError, ValueError) as error:
            return Response(400, gojson.encode({"errors": ["%s: %r" % (name, error)]}))
        self.node.vault.save()
        return Response(204) if value is None else Response(200, gojson.encode(value))

    # ---- the clock

    def _on_clock(self, request: Request, call: Call) -> dict:
        clock = self.node.vault.clock
        if "stop" in call.fields:
            at = call.fields["stop"]
            clock.stop(None if at is True else float(at))
        if call.boolean("run"):
            clock.run()
        clock.advance(float(call.fields.get("advance", 0)))
        return {"now": clock.now()}

    # ---- the node

    def _on_seal(self, request: Request, call: Call) -> None:
        self.node.seal()

    def _on_unseal(self, request: Request, call: Call) -> None:
        self.node.unseal()

    def _on_standby(self, request: Request, call: Call) -> None:
        self.node.become_standby(call.text("leader"))

    def _on_active(self, request: Request, call: Call) -> None:
        for other in self.node.cluster:
            other.is_active = False
        self.node.become_active()

    def _on_step_down(self, request: Request, call: Call) -> None:
        self.node.step_down()

    # ---- requests

    def _on_fail(self, request: Request, call: Call) -> None:
        mode = call.text("mode", "answer")
        if mode not in MODES:
            raise ValueError("mode is one of " + ", ".join(MODES))
        body = call.fields.get("body")
        if "errors" in call.fields:
            body = {"errors": call.fields["errors"]}
        self.faults.append(Fault(
            prefix=call.text("prefix", "/"), count=call.integer("count", 1), mode=mode, body=body,
            status=call.integer("status", 500), headers=tuple(call.fields.get("headers", {}).items()),
            seconds=float(call.fields.get("seconds", 0)), skip=call.integer("skip")))

    def _on_heal(self, request: Request, call: Call) -> None:
        self.faults.clear()

    def _on_requests(self, request: Request, call: Call) -> dict | None:
        if request.method == "GET":
            return dict(sorted(self.counts.items()))
        self.counts.clear()
        return None

    # ---- tokens and accounts

    def _on_forget_tokens(self, request: Request, call: Call) -> dict:
        """One token, or all but root tokens."""
        store = self.node.vault.tokens
        wanted = call.text("token")
        gone = [token for token in store.tokens.values() if (token.id == wanted if wanted else not token.is_root)]
        for token in gone:
            store.revoke(token)
        return {"forgotten": len(gone)}

    def _on_service_account(self, request: Request, call: Call) -> None:
        vault = self.node.vault
        vault.service_accounts[call.fields["jwt"]] = {
            "name": call.text("name", "default"), "namespace": call.text("namespace", "default"), "uid": uuid()}
        vault.changed = True
