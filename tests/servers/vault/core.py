"""One Vault: its storage, and the way a request takes from the path to the answer."""
from __future__ import annotations

import dataclasses
import os
import pickle
import urllib.parse
from typing import Any

import gojson
import logins
import policy
import system
from answers import (Answer, Call, Clock, Refusal, Request, Response, bad_request, permission_denied, rfc3339, uuid,
                     wrapped)
from dialect import Dialect
from tokens import Token, TokenStore, routes as token_routes
from transit import Transit

BACKENDS = {"transit": Transit, "approle": logins.AppRole, "userpass": logins.UserPass,
            "kubernetes": logins.Kubernetes}


@dataclasses.dataclass
class Mount:
    path: str        # with the slash at its end, behind its namespace and auth/
    kind: str
    accessor: str
    uuid: str
    description: str = ""
    backend: Any = None


class Tokens:
    """auth/token/ as a backend."""
    is_login = staticmethod(lambda path: False)

    def __init__(self, vault: Any):
        self.vault = vault

    def exists(self, call: Call) -> bool:
        return True

    def call(self, call: Call) -> Answer:
        return token_routes.call(self.vault.tokens, call)


class Nothing(Tokens):
    """A mount that is there and can do nothing (identity/, cubbyhole/)."""

    def call(self, call: Call) -> Answer:
        raise Refusal(404, wrapped("unsupported path"))


class Vault:
    """What the nodes of a cluster share. `state_file`: where everything is kept over a restart."""

    def __init__(self, dialect: Dialect, root_token: str = "", state_file: str = "", initialised: bool = True,
                 stop_clock_at: float | None = None):
        self.dialect = dialect
        self.clock = Clock()
        if stop_clock_at is not None:
            self.clock.stop(stop_clock_at)
        self.state_file = state_file
        self.initialised = initialised
        self.changed = False
        self.unseal_key = os.urandom(32).hex()
        self.cluster_name = "vault-cluster-" + os.urandom(4).hex()
        self.cluster_id = uuid()
        self.tokens = TokenStore(self)
        self.mounts: dict[str, Mount] = {}
        self.namespaces: set[str] = {""}
        self.policies: dict[tuple[str, str], tuple[str, dict]] = {}
        self.entities: dict[tuple[str, str], str] = {}
        self.service_accounts: dict[str, dict] = {}
        self.quotas: dict[str, dict] = {}
        self.quota_headers = False
        self.quota_windows: dict[tuple[str, str], tuple[float, int]] = {}
        self.acls: dict[tuple, policy.Acl] = {}
        for path, kind in (("identity/", "identity"), ("cubbyhole/", "cubbyhole"), ("sys/", "system")):
            self.mount(path, kind)
        self.add_namespace("")
        self.root_token = self.tokens.new(id=root_token, policies=["root"], path="auth/token/root", orphan=True,
                                          display_name="root").id

    # ---- storage

    def __getstate__(self) -> dict:
        return {**self.__dict__, "acls": {}, "clock": Clock(), "changed": False}

    def save(self) -> None:
        """Keeps the whole state, if it changed and has a file."""
        if not self.changed:
            return
        self.changed = False
        if self.state_file:
            with open(self.state_file + ".new", "wb") as file:
                pickle.dump(self, file)
            os.replace(self.state_file + ".new", self.state_file)

    @staticmethod
    def load(path: str) -> Vault:
        with open(path, "rb") as file:
            return pickle.load(file)

    def mount(self, path: str, kind: str, description: str = "") -> Mount:
        backend = BACKENDS.get(kind)
        made = Mount(path, kind, "%s_%s" % (kind, os.urandom(4).hex()), uuid(), description)
        if kind == "system":
            made.backend = system.System(self)
        elif kind == "token":
            made.backend = Tokens(self)
        else:
            made.backend = backend(self) if backend else Nothing(self)
        self.mounts[path] = made
        self.changed = True
        return made

    def add_namespace(self, name: str) -> None:
        """`name` is "" or ends in a slash."""
        self.namespaces.add(name)
        if name:
            self.mount(name + "sys/", "system")
        self.mount(name + "auth/token/", "token")
        self.set_policy(name, "default", policy.DEFAULT_POLICY)

    def set_policy(self, namespace: str, name: str, text: str | None) -> None:
        self.policies.pop((namespace, name), None)
        if text is not None:
            self.policies[namespace, name] = text, policy.parse(text)
        self.acls.clear()
        self.changed = True

    def acl(self, token: Token) -> policy.Acl:
        names = token.namespace, tuple(token.policies)
        acl = self.acls.get(names)
        if acl is None:
            rules = [self.policies[token.namespace, name][1] for name in token.policies
                     if (token.namespace, name) in self.policies]
            acl = self.acls[names] = policy.Acl(rules, token.is_root)
        return acl

    def find_mount(self, path: str) -> Mount | None:
        end = len(path)
        while end > 0:
            end = path.rfind("/", 0, end)
            mount = self.mounts.get(path[:end + 1]) if end >= 0 else None
            if mount:
                return mount
        return self.mounts.get(path + "/")

    def namespace_of(self, path: str) -> str:
        if len(self.namespaces) == 1:
            return ""
        return max((name for name in self.namespaces if path.startswith(name)), key=len)

    # ---- requests

    def handle(self, request: Request) -> Response:
        """Answers a request below /v1/ of an unsealed, active node."""
        try:
            response = self._respond(request)
        except Refusal as refusal:
            response = refused(refusal)
        if self.changed:
            self.save()
        return response

    def _respond(self, request: Request) -> Response:
        dialect = self.dialect
        path = request.path
        if dialect.namespaces:
            path = self._in_namespace(request, path)
        headers = self._check_quotas(path, request)
        try:
            operation, fields, close = read_request(dialect, request)
            wrap_seconds = _wrap_ttl(request)
            answer = self._run(request, path, operation, fields)
            if wrap_seconds and answer.status < 300:
                answer = self._wrap(answer, wrap_seconds, path)
            response = respond(answer, uuid)
            response.close = close
        except Refusal as refusal:
            response = refused(refusal)
        if headers:
            response.headers = (*response.headers, *headers)
        return response

    def _in_namespace(self, request: Request, path: str) -> str:
        name = request.header("x-vault-namespace").strip("/")
        if not name or name == "root":
            return path
        if name + "/" not in self.namespaces:
            raise Refusal(404, "namespace not found")
        return name + "/" + path

    def _run(self, request: Request, path: str, operation: str, fields: dict) -> Answer:
        namespace = self.namespace_of(path)
        local = path[len(namespace):]
        if operation == "list" and not path.endswith("/"):
            path += "/"
        elif operation == "update" and path.endswith("/"):
            raise bad_request("cannot write to a path ending in '/'")
        mount = self.find_mount(path)
        call = Call(operation, path[len(mount.path):] if mount else "", fields, path, request.remote, namespace,
                    None, mount)
        if local in system.WITHOUT_TOKEN or mount and mount.backend.is_login(call.path):
            call.token = request.header("x-vault-token")
            return mount.backend.call(call)
        token = self._token_of(request)
        call.token = token
        try:
            return self._authorised(call, token, mount, path)
        finally:
            self.tokens.after_use(token)

    def _token_of(self, request: Request) -> Token:
        text = token_text(request)
        if not text:
            if request.path in ("sys/seal", "sys/step-down"):
                raise Refusal(500, wrapped("missing client token"))
            raise self.no_token()
        return self.tokens.use(text, request.remote)

    def no_token(self) -> Refusal:
        if self.dialect.no_token_is_denied:
            return Refusal(403, "permission denied")
        return bad_request("missing client token")

    def _authorised(self, call: Call, token: Token, mount: Mount | None, path: str) -> Answer:
        if mount and call.operation == "update" and not mount.backend.exists(call):
            call.operation = "create"
        acl = self.acl(token)
        allowed_path = path[len(token.namespace):] if path.startswith(token.namespace) else None
        if allowed_path is None or not acl.allows(call.operation, allowed_path):
            raise permission_denied()
        if mount is None:
            raise Refusal(404, self.dialect.route_missing % path)
        return mount.backend.call(call)

    def _wrap(self, answer: Answer, seconds: int, path: str) -> Answer:
        token = self.tokens.new(policies=["response-wrapping"], path=path, ttl=seconds, orphan=True, wrapped=answer,
                                wrap_path=path)
        info = {"token": token.id, "accessor": token.accessor, "ttl": seconds,
                "creation_time": rfc3339(token.created), "creation_path": path}
        if answer.auth:
            info["wrapped_accessor"] = answer.auth["accessor"]
        return Answer(wrap_info=info, request_id="")

    def _check_quotas(self, path: str, request: Request) -> tuple:
        """The headers that quotas add; Refusal when one is used up."""
        if not self.quotas:
            return ()
        mount = self.find_mount(path)
        quota = next((q for q in self.quotas.values() if mount and q["path"] == mount.path), None)
        quota = quota or next((q for q in self.quotas.values() if q["path"] == ""), None)
        if quota is None or path.startswith("sys/"):
            return ()
        now = self.clock.now()
        start, used = self.quota_windows.get((quota["name"], request.remote), (0.0, 0))
        if now - start >= quota["interval"]:
            start, used = now, 0
        limit = int(quota["rate"])
        used += 1
        self.quota_windows[quota["name"], request.remote] = start, used
        headers = ()
        reset = str(int(start + quota["interval"] - now - 1e-6))
        if self.quota_headers:
            headers = (("X-Ratelimit-Limit", str(limit)), ("X-Ratelimit-Remaining", str(max(limit - used, 0))),
                       ("X-Ratelimit-Reset", reset))
        if used <= limit:
            return headers
        refusal = Refusal(429, 'request path "%s": rate limit quota exceeded' % path)
        refusal.headers = (("Retry-After", reset), *headers) if headers else ()
        raise refusal


# ---- reading

def token_text(request: Request) -> str:
    """X-Vault-Token, or else the Bearer token; the word has to be written so."""
    text = request.header("x-vault-token")
    if text:
        return text
    bearer = request.header("authorization")
    return bearer[7:].strip() if bearer.startswith("Bearer ") else ""


def _wrap_ttl(request: Request) -> int:
    text = request.header("x-vault-wrap-ttl")
    if not text:
        return 0
    try:
        return gojson.seconds_of(text)
    except gojson.GoError as error:
        raise bad_request("error parsing X-Vault-Wrap-TTL header: %s" % error) from None


def read_request(dialect: Dialect, request: Request) -> tuple[str, dict, bool]:
    """The operation, the fields, and whether the connection ends because not all of the body was read."""
    method = request.method
    if method in ("POST", "PUT"):
        return "update", *_read_body(dialect, request)
    if method == "GET":
        is_list = request.query.get("list", "").lower() in ("true", "1", "t")
        return ("list" if is_list else "read"), dict(request.query), False
    if method in ("LIST", "DELETE"):
        return method.lower(), {}, False
    if method == "HEAD" and not dialect.head_refusal:
        raise Refusal(405)
    if method in ("HEAD", "OPTIONS"):
        raise Refusal(405, wrapped("unsupported operation"))
    if method == "PATCH" and dialect.patch[1]:
        raise Refusal(dialect.patch[0], dialect.patch[1])
    raise Refusal(405)


def _read_body(dialect: Dialect, request: Request) -> tuple[dict, bool]:
    body, limit = request.body, request.max_body
    if request.short_body:
        raise bad_request(dialect.short_body_error)
    is_long = len(body) > limit
    seen = body[:limit] if is_long else body
    if dialect.form_bodies and request.header("content-type") == "application/x-www-form-urlencoded" \
            and seen[:1] not in (b"{", b"["):
        return dict(urllib.parse.parse_qsl(seen.decode(errors="replace"), keep_blank_values=True)), False
    try:
        fields, _ = gojson.decode_object(seen)
    except gojson.GoError as error:
        text, status = str(error), 400
        if text == "unexpected EOF" and is_long:
            text, status = "http: request body too large", 413
        refusal = Refusal(status, dialect.json_error or "failed to parse JSON input: " + text)
        refusal.close = status == 413
        raise refusal from None
    if dialect.max_json_strings and count_strings(fields) > dialect.max_json_strings:
        raise bad_request("refused JSON input due to high complexity: JSON payload exceeds allowed string count")
    return fields, is_long


def count_strings(value: Any) -> int:
    """Strings in a JSON value, the names of fields among them."""
    if isinstance(value, dict):
        return len(value) + sum(map(count_strings, value.values()))
    if isinstance(value, list):
        return sum(map(count_strings, value))
    return 1 if isinstance(value, str) else 0


# ---- answering

def respond(answer: Answer, new_id: Any) -> Response:
    if answer.plain is not None:
        return Response(answer.status or 200, gojson.encode(answer.plain), answer.headers)
    if answer.is_empty and not answer.status:
        return Response(204, None, answer.headers)
    data = answer.data
    envelope = {**(answer.top or {}), "request_id": new_id() if answer.request_id is None else answer.request_id,
                "lease_id": "", "renewable": False, "lease_duration": 0,
                "data": dict(sorted(data.items())) if data is not None else None,
                "wrap_info": answer.wrap_info, "warnings": answer.warnings, "auth": answer.auth}
    body = gojson.encode(envelope) if answer.newline else gojson.encode_bare(envelope)
    return Response(answer.status or 200, body, answer.headers)


def refused(refusal: Refusal) -> Response:
    return Response(refusal.status, gojson.encode({"errors": refusal.errors}), refusal.headers,
                    close=refusal.close)
