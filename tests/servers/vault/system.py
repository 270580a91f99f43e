"""The sys/ paths that need an unsealed, active node; node.py answers the others."""
from __future__ import annotations

from typing import Any

from answers import Answer, Call, Refusal, Routes, bad_request, rfc3339, wrapped
from transit import random_bytes

WITHOUT_TOKEN = frozenset({"sys/internal/ui/mounts", "sys/wrapping/lookup", "sys/wrapping/unwrap"})
MAX_TTL = 768 * 3600
DESCRIPTIONS = {"identity": "identity store", "cubbyhole": "per-token private secret storage",
                "system": "system endpoints used for control, policy and debugging"}


class System:
    is_login = staticmethod(lambda path: False)

    def __init__(self, vault: Any):
        self.vault = vault

    def exists(self, call: Call) -> bool:
        return True

    def call(self, call: Call) -> Answer:
        return routes.call(self, call)


routes = Routes()


def _twice(data: dict) -> Answer:
    """Some answers have their data beside the envelope too."""
    return Answer(data=data, top=data)


# ---- mounts

def _shown(vault: Any, mount: Any) -> dict:
    config = {"default_lease_ttl": 0, "force_no_cache": False, "max_lease_ttl": 0}
    if mount.kind == "system":
        config["passthrough_request_headers"] = ["Accept"]
    built_in = mount.kind in DESCRIPTIONS
    shown = {"accessor": mount.accessor, "config": config, "local": mount.kind == "cubbyhole",
             "description": DESCRIPTIONS.get(mount.kind, mount.description), "options": None if built_in else {},
             "seal_wrap": False, "type": mount.kind, "uuid": mount.uuid, **dict(vault.dialect.mount_extras)}
    return dict(sorted(shown.items()))


def _mounts(vault: Any, namespace: str, prefix: str) -> dict:
    start = namespace + prefix
    return {path[len(start):]: _shown(vault, mount) for path, mount in vault.mounts.items()
            if vault.namespace_of(path) == namespace and path.startswith(start)
            and (prefix or not path[len(start):].startswith("auth/"))}


@routes.on("(?P<what>mounts|auth)/?", "read")
def _list_mounts(system: System, call: Call, found: Any) -> Answer:
    return _twice(_mounts(system.vault, call.namespace, "auth/" if found["what"] == "auth" else ""))


@routes.on("(?:mounts|auth)/(?P<path>.+)/tune", "read", "update")
def _tune(system: System, call: Call, found: Any) -> Answer | None:
    prefix = call.namespace + ("auth/" if call.path.startswith("auth/") else "")
    mount = system.vault.mounts.get(prefix + found["path"].strip("/") + "/")
    if mount is None:
        raise bad_request("cannot fetch sysview for path \"%s/\"" % found["path"])
    if call.operation != "read":
        return None
    data = {"default_lease_ttl": MAX_TTL, "force_no_cache": False, "max_lease_ttl": MAX_TTL}
    if system.vault.dialect.tune_shows_description:
        data["description"] = mount.description
    return Answer(data=data, top=data)


@routes.on("(?P<what>mounts|auth)/(?P<path>.+)", "update", "delete")
def _mount(system: System, call: Call, found: Any) -> None:
    vault = system.vault
    local = found["path"].strip("/") + "/"
    path = call.namespace + ("auth/" if found["what"] == "auth" else "") + local
    if call.operation == "delete":
        if vault.mounts.pop(path, None) is None:
            raise bad_request("no matching mount")
        vault.changed = True
        return
    kind = call.text("type")
    if not kind:
        raise bad_request("backend type must be specified as a string")
    if kind not in ("transit", "approle", "userpass", "kubernetes"):
        raise bad_request('plugin not found in the catalog: %s' % kind)
    for taken in vault.mounts:
        if taken.startswith(path) or path.startswith(taken) and not taken.endswith("auth/token/"):
            raise bad_request("path is already in use at %s" % taken[len(call.namespace):].removeprefix(
                "auth/" if found["what"] == "auth" else ""))
    vault.mount(path, kind, call.text("description"))


@routes.on("internal/ui/mounts", "read")
def _visible_mounts(system: System, call: Call, _: Any) -> Answer:
    return Answer(data={"auth": {}, "secret": {}})


# ---- policies

@routes.on("(?:policy|policies/acl)/?", "list", "read")
def _policies(system: System, call: Call, _: Any) -> Answer:
    names = sorted(name for namespace, name in system.vault.policies if namespace == call.namespace) + ["root"]
    return Answer(data={"keys": names})


@routes.on("(?P<form>policy|policies/acl)/(?P<name>[^/]+)", "read", "update", "delete")
def _policy(system: System, call: Call, found: Any) -> Answer | None:
    vault, name = system.vault, found["name"].lower()
    if call.operation == "read":
        known = vault.policies.get((call.namespace, name))
        if known is None:
            raise Refusal(404)
        return Answer(data={"name": name, "rules" if found["form"] == "policy" else "policy": known[0]})
    text = None if call.operation == "delete" else call.text("policy") or call.text("rules")
    if text == "":
        raise bad_request("'policy' parameter not supplied or empty")
    vault.set_policy(call.namespace, name, text)
    return None


@routes.on("capabilities-self", "update")
def _capabilities(system: System, call: Call, _: Any) -> Answer:
    acl = system.vault.acl(call.token)
    return _twice({path: acl.shown(path) for path in call.words("paths") or call.words("path") or []})


@routes.on("tools/random(?:/(?P<count>[0-9]+))?", "update")
def _random(system: System, call: Call, found: Any) -> Answer:
    return random_bytes(call, found["count"])


# ---- response wrapping

def _wrapping_token(vault: Any, text: str) -> Any:
    token = vault.tokens.find(text)
    if token is None or token.wrapped is None:
        raise bad_request("wrapping token is not valid or does not exist")
    return token


@routes.on("wrapping/lookup", "update", "read")
def _wrapping_lookup(system: System, call: Call, _: Any) -> Answer:
    text = call.text("token") or call.token
    if not text:
        raise bad_request("missing \"token\" value in input")
    token = _wrapping_token(system.vault, text)
    return Answer(data={"creation_path": token.wrap_path, "creation_time": rfc3339(token.created),
                        "creation_ttl": token.ttl})


@routes.on("wrapping/unwrap", "update")
def _unwrap(system: System, call: Call, _: Any) -> Answer:
    vault = system.vault
    header, inner = call.token, call.text("token")
    if not header and inner:
        raise vault.no_token()
    if not header:
        raise Refusal(vault.dialect.unwrap_without_token_status, "error validating wrapping token: token is empty")
    token = _wrapping_token(vault, inner or header)
    vault.tokens.revoke(token)
    return token.wrapped


# ---- quotas

@routes.on("quotas/rate-limit/(?P<name>[\\w.-]+)", "update", "read", "delete")
def _quota(system: System, call: Call, found: Any) -> Answer | None:
    vault, name = _with_quotas(system), found["name"]
    if call.operation == "update":
        path = call.text("path").strip("/")
        interval = call.seconds("interval", 1)
        vault.quotas[name] = {"block_interval": call.seconds("block_interval"), "interval": interval, "name": name,
                              "path": path + "/" if path else "", "rate": call.fields.get("rate", 0),
                              "type": "rate-limit"}
    elif call.operation == "delete":
        vault.quotas.pop(name, None)
        vault.quota_windows.clear()
    elif name not in vault.quotas:
        raise Refusal(404)
    else:
        return Answer(data=vault.quotas[name])
    vault.changed = True
    return None


@routes.on("quotas/config", "update", "read")
def _quota_config(system: System, call: Call, _: Any) -> Answer | None:
    vault = _with_quotas(system)
    if call.operation == "read":
        return Answer(data={"enable_rate_limit_audit_logging": False,
                            "enable_rate_limit_response_headers": vault.quota_headers, "rate_limit_exempt_paths": []})
    vault.quota_headers = call.boolean("enable_rate_limit_response_headers")
    vault.changed = True
    return None


def _with_quotas(system: System) -> Any:
    if not system.vault.dialect.quotas:
        raise Refusal(404, wrapped("unsupported path"))
    return system.vault


# ---- namespaces

def _with_namespaces(system: System) -> Any:
    if not system.vault.dialect.namespaces:
        raise Refusal(404, wrapped("unsupported path"))
    return system.vault


@routes.on("namespaces/?", "list")
def _namespaces(system: System, call: Call, _: Any) -> Answer:
    names = [name[len(call.namespace):] for name in _with_namespaces(system).namespaces
             if name.startswith(call.namespace) and name != call.namespace]
    if not names:
        raise Refusal(404)
    return Answer(data={"keys": sorted(names)})


@routes.on("namespaces/(?P<name>.+)", "update", "read")
def _namespace(system: System, call: Call, found: Any) -> Answer:
    vault = _with_namespaces(system)
    name = call.namespace + found["name"].strip("/") + "/"
    if call.operation == "update" and name not in vault.namespaces:
        vault.add_namespace(name)
    elif name not in vault.namespaces:
        raise Refusal(404)
    return Answer(data={"custom_metadata": {}, "id": name.strip("/"), "path": name})
