"""Tokens: making, finding, renewing and revoking them; the auth/token paths."""
from __future__ import annotations

import base64
import dataclasses
import ipaddress
import secrets
from typing import Any

import gojson
from answers import (Answer, Call, Dropped, Refusal, Routes, bad_request, bad_token, permission_denied, random_text,
                     rfc3339)

MAX_TTL = 768 * 3600  # seconds: the server's own maximum, and the period a token gets when nobody says


@dataclasses.dataclass
class Token:
    id: str
    accessor: str
    policies: list[str]
    path: str
    created: float
    ttl: int = 0                 # given at creation
    expires: float | None = None
    period: int = 0
    shown_period: int = 0        # what lookup tells: the period of a token role stays hidden
    explicit_max: int = 0
    max_ttl: int = 0
    renewable: bool = True
    num_uses: int = 0
    display_name: str = "token"
    entity_id: str = ""
    meta: dict | None = None
    orphan: bool = False
    kind: str = "service"
    role: str = ""
    parent: str = ""
    from_login: bool = False
    cidrs: list[str] = dataclasses.field(default_factory=list)
    renewed: float | None = None
    namespace: str = ""
    wrapped: Answer | None = None
    wrap_path: str = ""
    uses_left: int = 0
    created_without_default: list[str] | None = None

    @property
    def is_root(self) -> bool:
        return "root" in self.policies


def with_default(policies: list[str], no_default: bool) -> list[str]:
    if "root" in policies:
        return ["root"]
    return sorted(set(policies) | (set() if no_default else {"default"}))


def address_allowed(remote: str, cidrs: list[str]) -> bool:
    if not cidrs:
        return True
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(cidr, strict=False) for cidr in cidrs)


class TokenStore:
    def __init__(self, vault: Any):
        self.vault = vault
        self.tokens: dict[str, Token] = {}
        self.roles: dict[str, dict] = {}

    # ---- finding

    def find(self, text: str) -> Token | None:
        token = self.tokens.get(text)
        if token is None:
            return None
        if token.expires is not None and self.vault.clock.now() > token.expires:
            self.revoke(token)
            return None
        return token

    def check_form(self, text: str) -> None:
        """Refuses texts that servers do not even look up."""
        dialect = self.vault.dialect
        if text.startswith("b.") and dialect.short_batch_token_panics and len(_decoded(text[2:])) < 17:
            raise Dropped()
        if not dialect.namespace_in_token:
            return
        rest = text[2:] if text[:2] in ("b.", "s.") else text
        dot = rest.rfind(".")
        if 0 <= dot < len(rest) - 1:
            raise bad_request("error performing token check: failed to look up namespace from the token: no "
                              "namespace")

    def use(self, text: str, remote: str) -> Token:
        """The token of a request; counts the use."""
        self.check_form(text)
        token = self.find(text)
        if token is None or token.wrapped is not None or not address_allowed(remote, token.cidrs):
            raise bad_token()
        if token.num_uses:
            if token.uses_left <= 0:
                raise bad_token()
            token.uses_left -= 1
            self.vault.changed = True
        return token

    def after_use(self, token: Token) -> None:
        if token.num_uses and token.uses_left <= 0:
            self.revoke(token)

    # ---- making

    def new_text(self, kind: str = "service") -> str:
        dialect = self.vault.dialect
        if kind == "batch":
            payload = base64.urlsafe_b64encode(b"\0\0\0\1\2" + secrets.token_bytes(131)).decode().rstrip("=")
            return dialect.batch_token_prefix + payload
        return dialect.token_prefix + random_text(dialect.token_length)

    def create(self, token: Token) -> Token:
        """Gives `token` its times and keeps it. Root tokens without a ttl stay for ever."""
        now = self.vault.clock.now()
        token.created = now
        if token.is_root and not token.ttl and not token.period:
            token.renewable = False
        else:
            token.ttl = token.period or token.ttl or MAX_TTL
            limits = [limit for limit in (MAX_TTL, token.max_ttl, token.explicit_max) if limit]
            token.ttl = min([token.ttl] + ([token.explicit_max] if token.explicit_max else [])
                            if token.period else [token.ttl] + limits)
            token.expires = now + token.ttl
        token.uses_left = token.num_uses
        if token.kind == "batch":
            token.renewable = False
        self.tokens[token.id] = token
        self.vault.changed = True
        return token

    def new(self, **fields: Any) -> Token:
        kind = fields.get("kind", "service")
        token = Token(id=fields.pop("id", "") or self.new_text(kind),
                      accessor="" if kind == "batch" else random_text(24), created=0.0, **fields)
        return self.create(token)

    def auth_of(self, token: Token, policies: list[str] | None = None) -> dict:
        """The `auth` part of an answer."""
        left = 0 if token.expires is None else round(token.expires - self.vault.clock.now())
        auth = {"client_token": token.id, "accessor": token.accessor, "policies": policies or token.policies,
                "token_policies": token.policies, "metadata": token.meta, "lease_duration": left,
                "renewable": token.renewable, "entity_id": token.entity_id, "token_type": token.kind,
                "orphan": token.orphan}
        if self.vault.dialect.auth_has_mfa:
            auth.update(mfa_requirement=None, num_uses=token.num_uses)
        return auth

    # ---- ending

    def revoke(self, token: Token) -> None:
        if self.tokens.pop(token.id, None) is None:
            return
        self.vault.changed = True
        for child in [other for other in self.tokens.values() if other.parent == token.id]:
            self.revoke(child)

    def renew(self, token: Token, call: Call) -> Answer:
        if token.kind == "batch":
            raise bad_request("batch tokens cannot be renewed")
        if token.expires is None:
            raise bad_request("invalid lease ID")
        if not token.renewable:
            raise bad_request("lease is not renewable")
        try:
            asked = gojson.seconds_of(call.fields.get("increment"))
        except gojson.GoError as error:
            raise Refusal(500, "1 error occurred:\n\t* error converting input %s for field \"increment\": %s\n\n" % (
                gojson.show(call.fields.get("increment")), error)) from None
        ttl, warnings = self._renewed_ttl(token, asked)
        now = self.vault.clock.now()
        token.expires, token.renewed = now + ttl, now
        self.vault.changed = True
        policies = None
        if token.from_login and self.vault.dialect.renewal_hides_default_policy:
            policies = [policy for policy in token.policies if policy != "default"]
        return Answer(auth=self.auth_of(token, policies), warnings=warnings)

    def _renewed_ttl(self, token: Token, asked: int) -> tuple[int, list[str] | None]:
        now = int(self.vault.clock.now())
        left_of = [int(token.created) + limit - now for limit in (token.explicit_max,) if limit]
        if token.period:
            ttl = token.period
        else:
            ttl = asked or token.ttl
            left_of.append(int(token.created) + (token.max_ttl or MAX_TTL) - now)
        left = min(left_of) if left_of else ttl
        if ttl <= left:
            return ttl, None
        show = gojson.short_duration if self.vault.dialect.short_durations else gojson.long_duration
        return left, ['TTL of "%s" exceeded the effective max_ttl of "%s"; TTL value is capped accordingly' % (
            show(ttl), show(left))]

    def looked_up(self, token: Token) -> Answer:
        now = self.vault.clock.now()
        is_batch = token.kind == "batch"
        data = {"accessor": token.accessor, "creation_time": int(token.created), "creation_ttl": token.ttl,
                "display_name": token.display_name, "entity_id": token.entity_id, "expire_time": None,
                "explicit_max_ttl": token.explicit_max, "id": token.id, "meta": token.meta,
                "num_uses": token.uses_left, "orphan": token.orphan, "path": token.path,
                "policies": token.policies, "ttl": 0, "type": token.kind}
        if token.expires is not None:
            data.update(expire_time=rfc3339(token.expires, not is_batch), renewable=token.renewable,
                        issue_time=rfc3339(token.created, not is_batch), ttl=int(token.expires - now))
        if token.renewed is not None:
            data.update(last_renewal=rfc3339(token.renewed), last_renewal_time=int(token.renewed))
        if token.role:
            data["role"] = token.role
        if token.shown_period:
            data["period"] = token.shown_period
        if token.cidrs:
            data["bound_cidrs"] = token.cidrs
        return Answer(data=data)


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


routes = Routes()


@routes.on("lookup-self", "read", "update")
def _lookup_self(store: TokenStore, call: Call, _: Any) -> Answer:
    return store.looked_up(call.token)


@routes.on("renew-self", "update")
def _renew_self(store: TokenStore, call: Call, _: Any) -> Answer:
    return store.renew(call.token, call)


@routes.on("revoke-self", "update")
def _revoke_self(store: TokenStore, call: Call, _: Any) -> None:
    if call.token.kind == "batch":
        raise bad_request("batch tokens cannot be revoked")
    store.revoke(call.token)


def _named(store: TokenStore, call: Call) -> Token:
    text = call.text("token")
    if not text:
        raise bad_request("missing token ID")
    token = store.find(text)
    if token is None:
        raise Refusal(403, "bad token")
    return token


@routes.on("lookup", "update")
def _lookup(store: TokenStore, call: Call, _: Any) -> Answer:
    return store.looked_up(_named(store, call))


@routes.on("renew", "update")
def _renew(store: TokenStore, call: Call, _: Any) -> Answer:
    return store.renew(_named(store, call), call)


@routes.on("revoke", "update")
def _revoke(store: TokenStore, call: Call, _: Any) -> None:
    token = store.find(call.text("token"))
    if token:
        store.revoke(token)


@routes.on("(?:lookup|revoke)-accessor", "update")
def _by_accessor(store: TokenStore, call: Call, _: Any) -> Answer | None:
    accessor = call.text("accessor")
    token = next((t for t in store.tokens.values() if accessor and t.accessor == accessor), None)
    if token is None or store.find(token.id) is None:
        raise Refusal(403, "invalid accessor")
    if call.path.startswith("lookup"):
        answer = store.looked_up(token)
        answer.data["id"] = ""
        return answer
    return store.revoke(token)


@routes.on("create", "update")
@routes.on("create-orphan", "update")
def _create(store: TokenStore, call: Call, _: Any) -> Answer:
    orphan = call.path == "create-orphan" or call.boolean("no_parent")
    if orphan and not call.token.is_root:
        raise permission_denied()
    policies = call.words("policies")
    policies = list(call.token.policies) if policies is None else policies
    if not call.token.is_root and not set(policies) <= set(call.token.policies):
        raise bad_request("child policies must be subset of parent")
    return _made(store, call, with_default(policies, call.boolean("no_default_policy")), {}, orphan)


@routes.on("create/(?P<role>[^/]+)", "update")
def _create_with_role(store: TokenStore, call: Call, found: Any) -> Answer:
    role = store.roles.get(found["role"])
    if role is None:
        raise bad_request("unknown role %s" % found["role"])
    asked = call.words("policies")
    allowed = sorted(set(role["allowed_policies"]) | {"default"})
    no_default = call.boolean("no_default_policy")
    if role["allowed_policies"]:
        policies = with_default(role["allowed_policies"] if asked is None else asked, no_default)
        if not set(policies) <= set(allowed):
            raise bad_request("token policies (%s) must be subset of the role's allowed policies (%s)" % (
                _listed(policies), _listed(allowed)))
    else:
        policies = with_default(asked or list(call.token.policies), no_default)
    return _made(store, call, policies, role, role["orphan"])


def _listed(words: list[str]) -> str:
    return "[%s]" % " ".join(gojson.quoted(word) for word in words)


def _made(store: TokenStore, call: Call, policies: list[str], role: dict, orphan: bool) -> Answer:
    kind = call.text("type") or ("batch" if role.get("token_type") == "batch" else "service")
    period = role.get("token_period", 0) or call.seconds("period")
    num_uses = call.integer("num_uses")
    if kind == "batch" and period:
        raise bad_request('batch tokens cannot have "period" set')
    if kind == "batch" and num_uses:
        raise bad_request('batch tokens cannot have "num_uses" set')
    name = call.text("display_name")
    explicit_max = role.get("token_explicit_max_ttl", 0) or call.seconds("explicit_max_ttl")
    token = store.new(
        id=call.text("id"), policies=policies, path="auth/token/" + call.path, ttl=call.seconds("ttl"), period=period,
        shown_period=0 if role else period, explicit_max=explicit_max, num_uses=num_uses, orphan=orphan, kind=kind,
        renewable=call.boolean("renewable", True) and role.get("renewable", True), role=role.get("name", ""),
        display_name="token-" + name if name else "token", meta=call.fields.get("meta"), namespace=call.namespace,
        parent="" if orphan else call.token.id, cidrs=role.get("token_bound_cidrs", []))
    return Answer(auth=store.auth_of(token))


@routes.on("roles/?", "list")
def _list_roles(store: TokenStore, call: Call, _: Any) -> Answer:
    if not store.roles:
        raise Refusal(404)
    return Answer(data={"keys": sorted(store.roles)})


@routes.on("roles/(?P<role>[^/]+)", "update", "read", "delete")
def _role(store: TokenStore, call: Call, found: Any) -> Answer | None:
    name = found["role"]
    if call.operation == "delete":
        store.roles.pop(name, None)
        store.vault.changed = True
        return None
    if call.operation == "read":
        role = store.roles.get(name)
        if role is None:
            raise Refusal(404)
        return Answer(data={key: value for key, value in role.items() if key != "token_bound_cidrs"})
    period = call.seconds("token_period") or call.seconds("period")
    explicit_max = call.seconds("token_explicit_max_ttl") or call.seconds("explicit_max_ttl")
    store.roles[name] = {
        "allowed_entity_aliases": None, "allowed_policies": call.words("allowed_policies") or [],
        "disallowed_policies": call.words("disallowed_policies") or [], "explicit_max_ttl": explicit_max,
        "name": name, "orphan": call.boolean("orphan"), "path_suffix": call.text("path_suffix"), "period": period,
        "renewable": call.boolean("renewable", True), "token_explicit_max_ttl": explicit_max, "token_period": period,
        "token_type": call.text("token_type") or "default-service",
        "token_bound_cidrs": call.words("token_bound_cidrs") or []}
    store.vault.changed = True
    return None
