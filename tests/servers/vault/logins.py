"""Auth methods: AppRole, userpass and kubernetes, each mountable at any path."""
from __future__ import annotations

import dataclasses
import json
from typing import Any

from answers import (Answer, Call, NAME, Refusal, Routes, ZERO_TIME, bad_request, bad_token, internal, rfc3339, uuid)
from tokens import address_allowed, with_default

LOCKOUT_AFTER = 5         # failed logins
LOCKOUT_SECONDS = 15 * 60


class Lockout:
    """Counts failed logins of one name and shuts it out for a while, also with the right secret."""

    def __init__(self, vault: Any):
        self._vault = vault
        self._failures: dict[str, tuple[int, float]] = {}

    def check(self, name: str) -> None:
        count, last = self._failures.get(name, (0, 0.0))
        if self._vault.clock.now() - last >= LOCKOUT_SECONDS:
            self._failures.pop(name, None)
        elif self._vault.dialect.lockout and count >= LOCKOUT_AFTER:
            raise bad_token()

    def failed(self, name: str) -> None:
        self._failures[name] = (self._failures.get(name, (0, 0.0))[0] + 1, self._vault.clock.now())

    def worked(self, name: str) -> None:
        self._failures.pop(name, None)


TOKEN_FIELDS = {"token_bound_cidrs": "words", "token_explicit_max_ttl": "seconds", "token_max_ttl": "seconds",
                "token_no_default_policy": "boolean", "token_num_uses": "integer", "token_period": "seconds",
                "token_policies": "words", "token_ttl": "seconds", "token_type": "text"}


def read_fields(call: Call, known: dict, kinds: dict[str, str]) -> dict:
    """The fields of a role: those sent now over those of before."""
    return {**known, **{name: getattr(call, kind)(name) for name, kind in kinds.items() if name in call.fields}}


def log_in(vault: Any, call: Call, role: dict, alias: str, meta: dict, display_name: str) -> Answer:
    """The token that a role gives. Each alias of a mount is one entity."""
    entity = vault.entities.setdefault((call.mount.uuid, alias), uuid())
    period = role["token_period"]
    token = vault.tokens.new(
        policies=with_default(role["token_policies"], role["token_no_default_policy"]), path=call.full_path,
        ttl=role["token_ttl"], period=period, shown_period=period if vault.dialect.shows_approle_period else 0,
        max_ttl=role["token_max_ttl"], explicit_max=role["token_explicit_max_ttl"], num_uses=role["token_num_uses"],
        display_name=display_name, entity_id=entity, meta=meta, orphan=True, cidrs=role["token_bound_cidrs"] or [],
        kind="batch" if role["token_type"] == "batch" else "service", from_login=True, namespace=call.namespace)
    return Answer(auth=vault.tokens.auth_of(token))


NEW_TOKEN_FIELDS = {"token_bound_cidrs": [], "token_explicit_max_ttl": 0, "token_max_ttl": 0,
                    "token_no_default_policy": False, "token_num_uses": 0, "token_period": 0, "token_policies": [],
                    "token_ttl": 0, "token_type": "default"}


# ---- AppRole

@dataclasses.dataclass
class SecretId:
    text: str
    accessor: str
    created: float
    ttl: int
    uses: int                    # 0: no limit
    meta: dict
    cidrs: list[str]
    token_cidrs: list[str]


@dataclasses.dataclass
class AppRoleRole:
    name: str
    role_id: str
    fields: dict
    secrets: dict[str, SecretId] = dataclasses.field(default_factory=dict)


ROLE_FIELDS = {"bind_secret_id": "boolean", "local_secret_ids": "boolean", "secret_id_bound_cidrs": "words",
               "secret_id_num_uses": "integer", "secret_id_ttl": "seconds", **TOKEN_FIELDS}
NEW_ROLE = {"bind_secret_id": True, "local_secret_ids": False, "secret_id_bound_cidrs": None,
            "secret_id_num_uses": 0, "secret_id_ttl": 0, **NEW_TOKEN_FIELDS}


class AppRole:
    is_login = staticmethod(lambda path: path == "login")

    def __init__(self, vault: Any):
        self.vault = vault
        self.roles: dict[str, AppRoleRole] = {}
        self.lockout = Lockout(vault)

    def exists(self, call: Call) -> bool:
        return False

    def call(self, call: Call) -> Answer:
        return approle.call(self, call, bare_errors=self.is_login(call.path))

    def role(self, name: str) -> AppRoleRole:
        role = self.roles.get(name.lower())
        if role is None:
            raise Refusal(404, 'role "%s" does not exist' % name)
        return role

    def tidy(self) -> None:
        now = self.vault.clock.now()
        for role in self.roles.values():
            role.secrets = {text: s for text, s in role.secrets.items() if not s.ttl or s.created + s.ttl > now}
        self.vault.changed = True


approle = Routes()


@approle.on("login", "update")
def _approle_login(backend: AppRole, call: Call, _: Any) -> Answer:
    role_id, secret_id = call.text("role_id").strip(), call.text("secret_id").strip()
    if not role_id:
        raise bad_request("missing role_id")
    backend.lockout.check(role_id)
    one_text = backend.vault.dialect.one_text_for_wrong_credentials
    role = next((r for r in backend.roles.values() if r.role_id == role_id), None)
    if role is None:
        raise bad_request("invalid role or secret ID" if one_text else "invalid role ID")
    meta = {}
    if role.fields["bind_secret_id"]:
        if not secret_id:
            raise bad_request("missing secret_id")
        secret = role.secrets.get(secret_id)
        if secret is None:
            backend.lockout.failed(role_id)
            raise bad_request("invalid role or secret ID" if one_text else "invalid secret id")
        cidrs = secret.cidrs or role.fields["secret_id_bound_cidrs"] or []
        if not address_allowed(call.remote, cidrs):
            raise bad_request('source address "%s" unauthorized by CIDR restrictions on the role: %s' % (
                call.remote, backend.vault.dialect.cidr_refusal))
        if secret.uses == 1:
            del role.secrets[secret_id]
        elif secret.uses:
            secret.uses -= 1
        backend.vault.changed = True
        meta.update(secret.meta)
    backend.lockout.worked(role_id)
    meta["role_name"] = role.name
    return log_in(backend.vault, call, role.fields, role_id, dict(sorted(meta.items())), "approle")


@approle.on("role/?", "list")
def _approle_roles(backend: AppRole, call: Call, _: Any) -> Answer:
    if not backend.roles:
        raise Refusal(404)
    return Answer(data={"keys": sorted(role.name for role in backend.roles.values())})


@approle.on("role/" + NAME, "read")
def _approle_read(backend: AppRole, call: Call, found: Any) -> Answer:
    role = backend.roles.get(found["name"].lower())
    if role is None:
        raise Refusal(404)
    return Answer(data=dict(role.fields))


@approle.on("role/" + NAME, "update")
def _approle_write(backend: AppRole, call: Call, found: Any) -> None:
    name = found["name"].lower()
    role = backend.roles.get(name)
    fields = read_fields(call, role.fields if role else NEW_ROLE, ROLE_FIELDS)
    if "policies" in call.fields and "token_policies" not in call.fields:
        fields["token_policies"] = call.words("policies")
    if not fields["bind_secret_id"] and not fields["secret_id_bound_cidrs"] and not fields["token_bound_cidrs"]:
        raise internal("at least one constraint should be enabled on the role")
    if fields["token_type"] == "batch":
        if fields["token_period"]:
            raise bad_request("'token_type' cannot be 'batch' or 'default_batch' when set to generate periodic "
                              "tokens")
        if fields["token_num_uses"] and backend.vault.dialect.approle_batch_num_uses_refused:
            raise bad_request("'token_type' cannot be 'batch' or 'default_batch' when set to generate tokens with "
                              "limited use count")
    if role:
        role.fields = fields
    else:
        backend.roles[name] = AppRoleRole(name, uuid(), fields)
    backend.vault.changed = True


@approle.on("role/" + NAME, "delete")
def _approle_delete(backend: AppRole, call: Call, found: Any) -> None:
    backend.roles.pop(found["name"].lower(), None)
    backend.vault.changed = True


@approle.on("role/" + NAME + "/role-id", "read")
def _approle_role_id(backend: AppRole, call: Call, found: Any) -> Answer:
    return Answer(data={"role_id": backend.role(found["name"]).role_id})


@approle.on("role/" + NAME + "/role-id", "update")
def _approle_set_role_id(backend: AppRole, call: Call, found: Any) -> None:
    backend.role(found["name"]).role_id = call.text("role_id")
    backend.vault.changed = True


@approle.on("role/" + NAME + "/(?:custom-)?secret-id", "update")
def _approle_secret_id(backend: AppRole, call: Call, found: Any) -> Answer:
    role = backend.role(found["name"])
    text = call.text("secret_id") if "/custom-" in call.path else uuid()
    if not text:
        raise bad_request("missing secret_id")
    fields = role.fields
    secret = SecretId(
        text=text, accessor=uuid(), created=backend.vault.clock.now(),
        ttl=call.seconds("ttl", fields["secret_id_ttl"]), uses=call.integer("num_uses", fields["secret_id_num_uses"]),
        meta=json.loads(call.text("metadata") or "{}"), cidrs=call.words("cidr_list") or [],
        token_cidrs=call.words("token_bound_cidrs") or [])
    role.secrets[text] = secret
    backend.vault.changed = True
    data = {"secret_id": text, "secret_id_accessor": secret.accessor}
    if backend.vault.dialect.secret_id_ttl_in_answer:
        data["secret_id_ttl"] = secret.ttl
    if backend.vault.dialect.auth_has_mfa:
        data["secret_id_num_uses"] = secret.uses
    return Answer(data=data)


@approle.on("role/" + NAME + "/secret-id/?", "list")
def _approle_secret_ids(backend: AppRole, call: Call, found: Any) -> Answer:
    accessors = [secret.accessor for secret in backend.role(found["name"]).secrets.values()]
    if not accessors:
        raise Refusal(404)
    return Answer(data={"keys": accessors})


@approle.on("role/" + NAME + "/secret-id(?P<by>-accessor)?/(?P<what>lookup|destroy)", "update")
def _approle_one_secret_id(backend: AppRole, call: Call, found: Any) -> Answer | None:
    role = backend.role(found["name"])
    if found["by"]:
        accessor = call.text("secret_id_accessor")
        secret = next((s for s in role.secrets.values() if s.accessor == accessor), None)
    else:
        secret = role.secrets.get(call.text("secret_id"))
    if secret is None:
        return None
    if found["what"] == "destroy":
        del role.secrets[secret.text]
        backend.vault.changed = True
        return None
    ends = rfc3339(secret.created + secret.ttl) if secret.ttl else ZERO_TIME
    created = rfc3339(secret.created)
    return Answer(data={
        "cidr_list": secret.cidrs, "creation_time": created, "expiration_time": ends, "last_updated_time": created,
        "metadata": secret.meta, "secret_id_accessor": secret.accessor, "secret_id_num_uses": secret.uses,
        "secret_id_ttl": secret.ttl, "token_bound_cidrs": secret.token_cidrs})


@approle.on("tidy/secret-id", "update")
def _approle_tidy(backend: AppRole, call: Call, _: Any) -> Answer:
    backend.tidy()
    return Answer(status=202, newline=False, warnings=[
        "Tidy operation successfully started. Any information from the operation will be printed to Vault's server "
        "logs."])


# ---- userpass

class UserPass:
    is_login = staticmethod(lambda path: path.startswith("login/"))

    def __init__(self, vault: Any):
        self.vault = vault
        self.users: dict[str, dict] = {}
        self.lockout = Lockout(vault)

    def exists(self, call: Call) -> bool:
        return False

    def call(self, call: Call) -> Answer:
        return userpass.call(self, call, bare_errors=self.is_login(call.path))


userpass = Routes()


@userpass.on("login/(?P<name>.+)", "update")
def _userpass_login(backend: UserPass, call: Call, found: Any) -> Answer:
    name = found["name"].lower()
    backend.lockout.check(name)
    user = backend.users.get(name)
    if user is None or user["password"] != call.text("password"):
        backend.lockout.failed(name)
        raise bad_request("invalid username or password")
    backend.lockout.worked(name)
    return log_in(backend.vault, call, user, name, {"username": name}, "userpass-" + name)


@userpass.on("users/(?P<name>.+)", "update")
def _userpass_user(backend: UserPass, call: Call, found: Any) -> None:
    name = found["name"].lower()
    kinds = {"password": "text", **TOKEN_FIELDS}
    backend.users[name] = read_fields(call, backend.users.get(name, {"password": "", **NEW_TOKEN_FIELDS}), kinds)
    backend.vault.changed = True


# ---- kubernetes: as documented; a cluster is stood for by the tokens that tests register

class Kubernetes:
    is_login = staticmethod(lambda path: path == "login")

    def __init__(self, vault: Any):
        self.vault = vault
        self.roles: dict[str, dict] = {}

    def exists(self, call: Call) -> bool:
        return False

    def call(self, call: Call) -> Answer:
        return kubernetes.call(self, call, bare_errors=self.is_login(call.path))


kubernetes = Routes()
_KUBERNETES_FIELDS = {"bound_service_account_names": "words", "bound_service_account_namespaces": "words",
                      **TOKEN_FIELDS}
_NEW_KUBERNETES_ROLE = {"bound_service_account_names": [], "bound_service_account_namespaces": [], **NEW_TOKEN_FIELDS}


@kubernetes.on("config", "update")
def _kubernetes_config(backend: Kubernetes, call: Call, _: Any) -> None:
    return None


@kubernetes.on("role/" + NAME, "update")
def _kubernetes_role(backend: Kubernetes, call: Call, found: Any) -> None:
    known = backend.roles.get(found["name"], _NEW_KUBERNETES_ROLE)
    backend.roles[found["name"]] = read_fields(call, known, _KUBERNETES_FIELDS)
    backend.vault.changed = True


@kubernetes.on("login", "update")
def _kubernetes_login(backend: Kubernetes, call: Call, _: Any) -> Answer:
    name, jwt = call.text("role"), call.text("jwt")
    if not name:
        raise bad_request("missing role")
    if not jwt:
        raise bad_request("missing jwt")
    role = backend.roles.get(name)
    if role is None:
        raise bad_request('invalid role name "%s"' % name)
    account = backend.vault.service_accounts.get(jwt)
    if account is None:
        raise bad_token()
    for field, key, text in (("name", "bound_service_account_names", "service account name not authorized"),
                             ("namespace", "bound_service_account_namespaces", "namespace not authorized")):
        if role[key] and "*" not in role[key] and account[field] not in role[key]:
            raise Refusal(403, text)
    meta = {"role": name, "service_account_name": account["name"], "service_account_namespace": account["namespace"],
            "service_account_secret_name": "", "service_account_uid": account["uid"]}
    display = "kubernetes-%s-%s" % (account["namespace"], account["name"])
    return log_in(backend.vault, call, role, account["uid"], meta, display)
