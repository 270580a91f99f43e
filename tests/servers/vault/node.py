"""One node of a cluster: seal, standby, health, and what stands before the paths below /v1/."""
from __future__ import annotations

import posixpath
import urllib.parse
from typing import Any

import gojson
from answers import Answer, Refusal, Request, Response, ZERO_TIME, bad_request, rfc3339, uuid, wrapped
from core import Vault, read_request, refused, respond, token_text

PLAIN = frozenset({"sys/health", "sys/seal-status", "sys/leader", "sys/init", "sys/unseal"})
CODES = {"activecode": 200, "standbycode": 429, "sealedcode": 503, "uninitcode": 501, "drsecondarycode": 472,
         "performancestandbycode": 473}


class Node:
    """`cluster` lists the nodes that share the vault; the first is active at the start."""

    def __init__(self, vault: Vault, cluster: list[Node], forwards: bool = False):
        self.vault = vault
        self.cluster = cluster
        self.forwards = forwards          # a standby forwards; else it redirects
        self.address = ""
        self.sealed = not vault.initialised
        self.is_active = not cluster
        self.active_since = vault.clock.now()
        self.redirect_to: str | None = None  # a leader that is no node of ours, or "" for none known
        self.must_learn_leader = False    # just stepped down: one request finds no leader
        self.heard_from_leader = False
        cluster.append(self)

    @property
    def has_peers(self) -> bool:
        return len(self.cluster) > 1 or self.redirect_to is not None

    def leader(self) -> Node | None:
        return next((node for node in self.cluster if node.is_active and not node.sealed), None)

    def leader_address(self) -> str:
        if self.redirect_to is not None:
            return self.redirect_to
        leader = self.leader()
        return leader.address if leader and self.has_peers else ""

    # ---- the way in

    def handle(self, request: Request) -> Response:
        """Any request but those of the test controls. Dropped and NeverAnswered come through."""
        raw_path = request.target.partition("?")[0]
        if any(ord(char) < 32 or ord(char) == 127 for char in request.path):
            return Response(400, b"", is_json=False, no_store=False)
        cleaned = posixpath.normpath(raw_path) + ("/" if raw_path.endswith("/") and raw_path != "/" else "")
        if raw_path.startswith("/") and cleaned != raw_path:
            query = request.target[len(raw_path):]
            return Response(301, b"", (("Location", cleaned.replace("//", "/") + query),), is_json=False)
        if not raw_path.startswith("/v1/"):
            return refused(Refusal(404))
        try:
            return self._handle(request)
        except Refusal as refusal:
            return refused(refusal)

    def _handle(self, request: Request) -> Response:
        path = request.path
        if path in PLAIN:
            return self._plain(request, path)
        if self.sealed:
            raise self._sealed(request)
        if not self.is_active:
            return self._as_standby(request)
        if path in ("sys/seal", "sys/step-down") and request.method in ("PUT", "POST"):
            return self._change_role(request, path)
        if self.vault.dialect.forward_headers_refused:
            self._refuse_forward_headers(request)
        return self.vault.handle(request)

    def _sealed(self, request: Request) -> Refusal:
        prefixed = token_text(request) and not self.has_peers and self.vault.dialect.sealed_prefix
        return Refusal(503, ("error performing token check: " if prefixed else "") + "Vault is sealed")

    @staticmethod
    def _refuse_forward_headers(request: Request) -> None:
        if request.header("x-vault-forward"):
            raise bad_request("forwarding via header X-Vault-Forward disabled in configuration")
        inconsistent = request.header("x-vault-inconsistent")
        if inconsistent:
            raise bad_request("forwarding via header X-Vault-Inconsistent=%s disabled in configuration" % (
                inconsistent))

    def _as_standby(self, request: Request) -> Response:
        if self.must_learn_leader:
            self.must_learn_leader = False
            raise Refusal(500, "local node not active but active cluster node not found")
        address = self.leader_address()
        if not address:
            raise Refusal(503, "no active Vault instance found")
        declined = request.header("x-vault-no-request-forwarding")
        leader = self.leader()
        if self.forwards and not declined and leader and self.redirect_to is None:
            self.heard_from_leader = True
            return leader.handle(request)
        return Response(307, b"", (("Location", address + request.target),), is_json=False)

    # ---- seal and step down

    def _change_role(self, request: Request, path: str) -> Response:
        vault = self.vault
        read_request(vault.dialect, request)
        text = token_text(request)
        if not text:
            raise Refusal(500, wrapped("missing client token"))
        token = vault.tokens.use(text, request.remote)
        if not vault.acl(token).allows("update", path):
            raise Refusal(403, wrapped("permission denied"))
        if path == "sys/seal":
            self.seal()
        else:
            self.step_down()
        return Response(204)

    def seal(self) -> None:
        self.sealed = True
        if self.is_active and len(self.cluster) > 1:
            self.step_down()

    def unseal(self) -> None:
        self.sealed = False
        if len(self.cluster) == 1 and self.redirect_to is None:
            self.is_active = True

    def step_down(self) -> None:
        """Another unsealed node, if there is one, takes over at once."""
        heir = next((node for node in self.cluster if node is not self and not node.sealed), None)
        if heir is None:
            return
        self.is_active, self.must_learn_leader = False, True
        heir.become_active()

    def become_active(self) -> None:
        self.is_active, self.must_learn_leader, self.redirect_to = True, False, None
        self.active_since = self.vault.clock.now()

    def become_standby(self, leader: str) -> None:
        """Of a leader elsewhere, or of none that is known."""
        self.is_active, self.redirect_to = False, leader

    # ---- answers without an envelope

    def _plain(self, request: Request, path: str) -> Response:
        if path == "sys/health":
            return self._health(request)
        if path == "sys/unseal":
            return self._unseal(request)
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405)
        value = {"sys/seal-status": self._seal_status, "sys/leader": self._leader,
                 "sys/init": lambda: {"initialized": self.vault.initialised}}[path]()
        return respond(Answer(plain=value), uuid)

    def _cluster_fields(self) -> dict:
        return {"cluster_name": self.vault.cluster_name, "cluster_id": self.vault.cluster_id}

    def _health(self, request: Request) -> Response:
        vault = self.vault
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405)
        if vault.dialect.namespaces and request.header("x-vault-namespace").strip("/"):
            raise bad_request("operation unavailable in namespaces")
        codes = {name: _code(request.query[name]) if name in request.query else code for name, code in CODES.items()}
        standby_ok = self._flag(request, "standbyok")
        self._flag(request, "perfstandbyok")
        is_standby = self.sealed or not self.is_active
        mode = "unknown" if self.sealed or is_standby and not self.heard_from_leader else "disabled"
        if not vault.initialised:
            status = codes["uninitcode"]
        elif self.sealed:
            status = codes["sealedcode"]
        else:
            status = codes["standbycode"] if is_standby and not standby_ok else codes["activecode"]
        value = {"initialized": vault.initialised, "sealed": self.sealed, "standby": is_standby,
                 "performance_standby": False, "replication_performance_mode": mode, "replication_dr_mode": mode,
                 "server_time_utc": int(vault.clock.now()), "version": vault.dialect.version}
        if not self.sealed:
            value.update(self._cluster_fields())
        return Response(status, None if request.method == "HEAD" else gojson.encode(value))

    def _flag(self, request: Request, name: str) -> bool:
        if name not in request.query:
            return False
        text = request.query[name].lower()
        if not self.vault.dialect.strict_health_booleans:
            return True
        if text not in ("true", "t", "1", "false", "f", "0", ""):
            raise Refusal(400)
        return text in ("true", "t", "1", "")

    def _seal_status(self) -> dict:
        vault = self.vault
        shows_version = vault.initialised or vault.dialect.uninitialised_shows_version
        shares = 1 if vault.initialised else 0
        value: dict[str, Any] = {
            "type": "shamir", "initialized": vault.initialised, "sealed": self.sealed, "t": shares, "n": shares,
            "progress": 0, "nonce": "", "version": vault.dialect.version if shows_version else "", "migration": False}
        if not self.sealed:
            value.update(self._cluster_fields())
        value["recovery_seal"] = False
        return value

    def _leader(self) -> dict:
        is_self = self.has_peers and self.is_active and not self.sealed
        value: dict[str, Any] = {"ha_enabled": self.has_peers, "is_self": is_self}
        if self.vault.dialect.leader_active_time:
            value["active_time"] = rfc3339(self.active_since) if is_self else ZERO_TIME
        address = self.leader_address()
        cluster = ""
        if address and self.forwards:
            parts = urllib.parse.urlsplit(address)
            cluster = "https://%s:%d" % (parts.hostname, (parts.port or 8200) % 65535 + 1)
        value.update(leader_address=address, leader_cluster_address=cluster, performance_standby=False,
                     performance_standby_last_remote_wal=0)
        return value

    def _unseal(self, request: Request) -> Response:
        dialect = self.vault.dialect
        _, fields, _ = read_request(dialect, request)
        try:
            key = bytes.fromhex(fields.get("key") or "")
        except ValueError:
            raise bad_request("'key' must be a valid hex or base64 string") from None
        if not key:
            raise bad_request("'key' must be specified in request body as JSON, or 'reset' set to true")
        if len(key) not in (16, 24, 32):
            raise Refusal(500, "%scrypto/aes: invalid key size %d" % (dialect.unseal_error_prefix, len(key)))
        if key.hex() != self.vault.unseal_key:
            raise Refusal(500, dialect.unseal_error_prefix + "cipher: message authentication failed")
        self.unseal()
        return respond(Answer(plain=self._seal_status()), uuid)


def _code(text: str) -> int:
    if not text.isdigit():
        raise Refusal(400)
    return int(text)
