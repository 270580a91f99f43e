#!/usr/bin/env python3
"""Replays recorded exchanges with real Vault servers against the test Vault, and compares every answer.

usage: vault_replay_test.py FOLDER    (with exchanges-1.2.json and exchanges-1.8.json; none: skipped)
"""
import collections
import email.utils
import http.client
import itertools
import json
import pathlib
import re
import socket
import sys
import tempfile

import vault_server

vault_server.use_system_python()

import vault_replay_raw as raw  # noqa: E402 (needs the interpreter found above)
from vault_replay_values import Values, at_pointer, full_body, masked  # noqa: E402

NO_ANSWER = 0.7  # seconds after which a hanging request counts as one

# Exchanges that are not replayed, by scenario and note (its beginning), with the reason.
HTTP2 = "the test Vault speaks HTTP/1.1 only, as our client does"
NOT_REPLAYED = [
    ("tls", "ALPN offered: ['h2', 'http/1.1']", HTTP2),
    ("tls", "ALPN offered: ['h2']", HTTP2),
    ("tls", "over HTTP/2", HTTP2),
]

# Servers of the scenarios that had their own; the others share one. Neighbours with the same name share too.
OWN_SERVERS = {
    "sealed": [], "not_initialised": ["--uninitialised"], "max_request_size": ["--max-request-size", "4096"],
    "max_request_size_default": [], "nonce_of_wrong_size": [],
    "standby_redirect": ["--nodes", "2"], "failover_redirect": ["--nodes", "2"],
    "standby_forwarding": ["--nodes", "2", "--forward"], "failover_forwarding": ["--nodes", "2", "--forward"],
    "tls": []}
CONTINUED = {"failover_redirect", "failover_forwarding"}

# Generated values that the recordings do not list, by path.
UNLISTED = {"/v1/transit/datakey/plaintext/k-default": "/data/plaintext",
            "/v1/transit/datakey/plaintext/k-derived": "/data/plaintext"}
# Top levels that real servers write in no order.
UNORDERED = ("/v1/sys/mounts", "/v1/sys/capabilities-self")
# Names of values whose length differs from run to run.
ANY_LENGTH = re.compile(r"time|ttl|duration|renewal|public_key")


def second_of(headers):
    return email.utils.parsedate_to_datetime(headers["Date"]).timestamp()


class Replay:
    """One file of recordings."""

    def __init__(self, recorded):
        self.dialect = recorded["label"]
        self.recorded = recorded
        self.problems = []
        self.counts = collections.Counter()
        self.server = None
        self.values = Values()
        self.replies = []
        self.second = 0

    def run(self):
        try:
            scenarios = self.recorded["scenarios"]
            for index, scenario in enumerate(scenarios):
                name = scenario["name"]
                if index == 0 or name in OWN_SERVERS and name not in CONTINUED:
                    self.new_server(name, [e for later in scenarios[index:] for e in later["exchanges"]])
                self.scenario(name, scenario["exchanges"])
        finally:
            if self.server:
                self.server.stop()

    def scenario(self, name, exchanges):
        for index, exchange in enumerate(exchanges):
            note = exchange["note"]
            where = "%s %s[%d] %s" % (self.dialect, name, index, note)
            if any(name == scene and note.startswith(start) for scene, start, _ in NOT_REPLAYED):
                self.counts["not replayed"] += 1
                continue
            self.counts["replayed"] += 1
            try:
                problems = self.exchange(name, exchange)
            except (OSError, http.client.HTTPException) as error:
                problems = ["no answer: %r" % error]
            self.problems += ["%s: %s" % (where, problem) for problem in problems]

    def new_server(self, name, exchanges):
        """`exchanges` are this scenario's and all later ones: the first token among them is the root token."""
        if self.server:
            self.server.stop()
        options, context = list(OWN_SERVERS.get(name, [])), None
        if name == "tls":
            options += raw.make_certificate(self.folder)
            context = raw.trusting_context()
        answers = (exchange.get("response", {}).get("headers", {}) for exchange in exchanges)
        self.second = next((second_of(headers) for headers in answers if "Date" in headers), 0)
        options += ["--stop-clock-at", str(self.second)]
        self.server = vault_server.Server(self.dialect, *options, context=context)
        self.replies = []
        requests = (exchange["request"] for exchange in exchanges if "request" in exchange)
        tokens = (request["headers"].get("X-Vault-Token") for request in requests)
        self.values = Values()
        root = next((token for token in tokens if token and re.fullmatch(r"s\.\w{24}", token)), None)
        if root:
            self.values.learn(root, self.server.root)

    # ---- one exchange

    def exchange(self, scenario, exchange):
        if "request" in exchange:
            return self.request(scenario, exchange)
        if "raw_request" in exchange:
            return raw.replay(self.server, exchange, self.values, self.set_clock)
        return self.observed(exchange)

    def observed(self, exchange):
        if "nonce_used" in exchange["observed"]:
            first, second = (reply.json()["data"]["ciphertext"].split(":")[2][:16] for reply in self.replies[-2:])
            used = first == second == "AQEBAQEBAQEBAQEB"
            return [] if used == exchange["observed"]["nonce_used"] else ["nonce used: %s" % used]
        return raw.replay_alpn(self.server, exchange)

    def set_clock(self, second):
        """The recorded second; the server's clock only moves so."""
        if second > self.second:
            self.server.client.control("clock", advance=second - self.second)
        self.second = max(self.second, second)

    def node(self, scenario, exchange):
        note = exchange["note"]
        if "_" not in scenario or scenario.split("_")[0] not in ("standby", "failover"):
            return self.server.client
        is_second = note.startswith(("standby", "second", "sealed node", "the active node is sealed"))
        no_note = not note and "X-Vault-No-Request-Forwarding" in exchange["request"]["headers"]
        return self.server.nodes[1 if is_second or no_note else 0]

    def request(self, scenario, exchange):
        request, expected = exchange["request"], exchange["response"]
        if exchange["note"] == "the right key":
            self.values.learn(json.loads(request["body"])["key"], self.server.facts["unseal_key"])
        if "Date" in expected.get("headers", {}):
            self.set_clock(second_of(expected["headers"]))
        body = self.values.in_body(full_body(request))
        headers = {name: self.values.in_text(value) for name, value in request["headers"].items()
                   if name != "Content-Length"}
        client = self.node(scenario, exchange)
        error = expected.get("transport_error")
        if error:
            return self.no_answer(client, request, headers, body, error)
        reply = client.send(request["method"], request["path"], headers, body)
        self.replies.append(reply)
        return self.compare(exchange, reply)

    @staticmethod
    def no_answer(client, request, headers, body, error):
        client.close()
        try:
            reply = client.send(request["method"], request["path"], headers, body, timeout=NO_ANSWER)
        except (socket.timeout, http.client.RemoteDisconnected) as raised:
            is_timeout = isinstance(raised, socket.timeout)
            return [] if is_timeout == error.startswith("no answer") else ["%r in place of: %s" % (raised, error)]
        return ["answered with %d in place of: %s" % (reply.status, error)]

    # ---- comparing

    def compare(self, exchange, reply):
        expected = exchange["response"]
        problems = []
        if (reply.status, reply.reason) != (expected["status"], expected["reason"]):
            problems.append("%d %s in place of %d %s: %s" % (
                reply.status, reply.reason, expected["status"], expected["reason"], reply.body[:300]))
        pointers = [pointer for pointer in exchange["varying"]["response"] if pointer.startswith("/")]
        if expected["status"] == 200:
            pointers += [pointer for path, pointer in UNLISTED.items() if exchange["request"]["path"] == path]
        problems += self.compare_headers(expected, reply, pointers)
        if "body" not in expected:
            return problems + self.compare_large(expected, reply)
        text = reply.body.decode()
        if not expected["body"] or not text:
            is_same = text == expected["body"]
            return problems + ([] if is_same else ["body %r in place of %r" % (text, expected["body"])])
        return problems + self.compare_json(exchange, pointers, expected["body"], text)

    @staticmethod
    def compare_headers(expected, reply, pointers):
        problems = []
        wanted, given = dict(expected["headers"]), dict(reply.headers)
        is_same_length = not any(ANY_LENGTH.search(pointer) for pointer in pointers)
        if not is_same_length and "Content-Length" in wanted and "Content-Length" in given:
            del wanted["Content-Length"], given["Content-Length"]
        for name in sorted(wanted.keys() | given.keys()):
            if masked(wanted.get(name)) != masked(given.get(name)):
                problems.append("header %s is %r in place of %r" % (name, given.get(name), wanted.get(name)))
        return problems

    def compare_large(self, expected, reply):
        if len(reply.body) != expected["body_length"]:
            return ["body of %d bytes in place of %d" % (len(reply.body), expected["body_length"])]
        data, known = reply.json()["data"], re.search(r'"ciphertext":"(vault:v1:[^"]+)', expected["body_starts"])
        if known and "ciphertext" in data:
            self.values.learn_start(known.group(1), data["ciphertext"])
        ends = masked(reply.body[-200:].decode())[-30:]
        return [] if ends == masked(expected["body_ends"])[-30:] else ["body ends in %r" % ends]

    def compare_json(self, exchange, pointers, wanted_text, given_text):
        wanted, given = json.loads(wanted_text), json.loads(given_text)
        problems = []
        for pointer in pointers:
            problems += self.compare_varying(pointer, wanted, given)
        if exchange["request"]["path"].startswith(UNORDERED):
            wanted, given = ({key: value[key] for key in sorted(value)} for value in (wanted, given))
        texts = [masked(json.dumps(value, ensure_ascii=False)) for value in (wanted, given)]
        if texts[0] != texts[1]:
            problems.append("body\n    %s\n  in place of\n    %s" % (texts[1][:1500], texts[0][:1500]))
        return problems + compare_form(wanted_text, given_text)

    def compare_varying(self, pointer, wanted, given):
        """Learns a generated value, checks its kind, and takes it out of both bodies."""
        try:
            (wanted_in, key), (given_in, _) = at_pointer(wanted, pointer), at_pointer(given, pointer)
            old, new = wanted_in[key], given_in[key]
        except (KeyError, IndexError, TypeError):
            return ["%s is missing" % pointer]
        wanted_in[key] = given_in[key] = "VARYING"
        if type(old) is not type(new):
            return ["%s is %r in place of %r" % (pointer, new, old)]
        if isinstance(old, int):
            return [] if abs(old - new) <= 2 else ["%s is %d in place of %d" % (pointer, new, old)]
        if isinstance(old, str):
            self.values.learn(old, new)
            is_same_kind = len(old) == len(new) or ANY_LENGTH.search(pointer) or old.startswith("b.")
            starts_alike = not old.startswith("vault:") or old.split(":")[:2] == new.split(":")[:2]
            return [] if is_same_kind and starts_alike else ["%s is %r in place of %r" % (pointer, new, old)]
        return []


def compare_form(wanted, given):
    """One line, compact, the newline at its end, and Go's escapes."""
    problems = []
    if wanted.endswith("\n") != given.endswith("\n"):
        problems.append("the newline at the end differs")
    compact = json.dumps(json.loads(given), ensure_ascii=False, separators=(",", ":"))
    for char in "<>&":
        compact = compact.replace(char, "\\u%04x" % ord(char))
    if given.rstrip("\n") != compact:
        problems.append("the body is not written as Go does: %r" % given[:300])
    return problems


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] else None
    files = sorted(folder.glob("exchanges-*.json")) if folder else []
    if not files:
        print("skipped: no folder with recorded exchanges (meson option vault_exchanges)")
        return vault_server.SKIPPED
    problems = []
    for file in files:
        replay = Replay(json.loads(file.read_text()))
        with tempfile.TemporaryDirectory() as temporary:
            replay.folder = pathlib.Path(temporary)
            replay.run()
        print("%s: %d replayed, %d not replayed, %d differences" % (
            replay.dialect, replay.counts["replayed"], replay.counts["not replayed"], len(replay.problems)))
        problems += replay.problems
    for scenario, note, reason in NOT_REPLAYED:
        print("not replayed: %s, %s: %s" % (scenario, note, reason))
    for problem in itertools.islice(problems, 60):
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
