"""The transit secrets engine: paths, batches, and the rules for changing keys."""
from __future__ import annotations

import base64
import copy
import dataclasses
import json
import os
from typing import Any, Callable

import gojson
from answers import (Answer, Call, Dropped, NAME, NeverAnswered, Refusal, Routes, bad_request, integer_field,
                     internal)
from keys import CURVES, Damaged, Item, Key, SYMMETRIC

KNOWN_FIELDS = frozenset({"plaintext", "ciphertext", "context", "nonce", "key_version", "batch_input", "type",
                          "convergent_encryption", "associated_data", "partial_failure_response_code", "reference"})
UPSERT_TYPES = frozenset(SYMMETRIC)
DIGESTS = {"sha1": "sha1", "sha2-224": "sha224", "sha2-256": "sha256", "sha2-384": "sha384", "sha2-512": "sha512"}


class Transit:
    is_login = staticmethod(lambda path: False)

    def __init__(self, vault: Any):
        self.vault = vault
        self.keys: dict[str, Key] = {}
        self.disable_upsert = False
        self.backups: dict[str, Key] = {}  # a backup is only a ticket for a copy kept here

    def exists(self, call: Call) -> bool:
        """Whether a write to this path is an update; where nobody looks, it always is."""
        return not call.path.startswith("encrypt/") or call.path[8:] in self.keys

    def call(self, call: Call) -> Answer:
        return routes.call(self, call)

    def key(self, name: str, text: str = "encryption key not found") -> Key:
        key = self.keys.get(name)
        if key is None:
            raise bad_request(text)
        if key.change_waits:
            raise NeverAnswered()
        if key.soft_deleted:
            raise bad_request("refusing to use soft-deleted key")
        return key

    def key_to_change(self, name: str, text: str) -> Key:
        key = self.key(name, text)
        if key.read_lock_lost:
            key.change_waits = True
            raise NeverAnswered()
        return key

    def make(self, name: str, kind: str, derived: bool = False, convergent: bool = False, **more: bool) -> Key:
        if kind not in self.vault.dialect.key_types:
            raise bad_request("unknown key type %s" % kind)
        if convergent and not derived:
            raise bad_request("convergent encryption requires derivation to be enabled")
        if derived and kind not in SYMMETRIC and kind != "ed25519":
            raise bad_request("key derivation and convergent encryption not supported for keys of type %s" % kind)
        key = Key(name, kind, derived, convergent, **more)
        key.rotate(self.vault.clock.now())
        self.keys[name] = key
        self.vault.changed = True
        return key

    def shown(self, key: Key) -> dict:
        data = key.shown()
        data.update(self.vault.dialect.extra_key_fields)
        if "soft_deleted" in data:
            data["soft_deleted"] = key.soft_deleted
        return data

    def after_change(self, key: Key) -> Answer | None:
        self.vault.changed = True
        return Answer(data=self.shown(key)) if self.vault.dialect.key_shown_after_change else None


routes = Routes()


# ---- items

def _bytes(fields: dict, name: str) -> bytes:
    text = fields.get(name)
    if not text:
        return b""
    try:
        return gojson.decode_base64(gojson.as_text(text) or "")
    except gojson.GoError as error:
        raise bad_request(str(error)) from None


def _item(backend: Transit, fields: dict, text: str) -> Item:
    if len(fields) == 1:
        return Item(text)
    dialect = backend.vault.dialect
    context = _bytes(fields, "context")
    nonce = _bytes(fields, "nonce") if dialect.nonce != "absent" else b""
    item = Item(text, context, nonce if dialect.nonce != "ignored" else b"",
                integer_field(fields.get("key_version"), "key_version"))
    if dialect.associated_data and fields.get("associated_data"):
        item.associated = _bytes(fields, "associated_data")
    return item


def _encrypted(backend: Transit, key: Key, fields: dict, text: str) -> dict:
    item = _item(backend, fields, text)
    if item.nonce and len(item.nonce) != key.nonce_size and key.kind in SYMMETRIC and not key.convergent:
        if backend.vault.dialect.nonce == "used":
            key.read_lock_lost = True
            raise Dropped()
        raise bad_request("base64-decoded nonce must be %d bytes long but given %d bytes" % (
            key.nonce_size, len(item.nonce)))
    ciphertext, version = key.encrypt(item)
    if backend.vault.dialect.key_version_in_answer:
        return {"ciphertext": ciphertext, "key_version": version}
    return {"ciphertext": ciphertext}


def _decrypted(backend: Transit, key: Key, fields: dict, text: str) -> dict:
    if not text:
        raise bad_request("missing ciphertext to decrypt")
    try:
        return {"plaintext": key.decrypt(_item(backend, fields, text))}
    except Damaged as damaged:
        raise _damaged(backend, damaged) from None


def _damaged(backend: Transit, damaged: Damaged) -> Refusal:
    dialect = backend.vault.dialect
    text = dialect.damaged_text or str(damaged)
    return internal(text) if dialect.damaged_status == 500 else bad_request(text)


def _rewrapped(backend: Transit, key: Key, fields: dict, text: str) -> dict:
    fields = {name: value for name, value in fields.items() if name != "associated_data"}
    version = integer_field(fields.pop("key_version", None), "key_version")
    plain = _decrypted(backend, key, fields, text)["plaintext"]
    again = {name: value for name, value in fields.items() if name != "nonce"}
    return _encrypted(backend, key, {**again, "key_version": version}, plain)


# ---- batches

def _batch(backend: Transit, raw: Any, field: str, strict: bool) -> list[dict]:
    """The items of batch_input, each text of the kind it has to be."""
    if not isinstance(raw, list):
        kind = gojson.kind_of(raw)
        shown = kind if strict else kind.split("[")[0]
        place = "" if strict else "'': "
        raise internal("failed to parse batch input: %ssource data must be an array or slice, got %s" % (
            place, shown))
    if not raw:
        raise bad_request("missing batch input to process")
    needs_plaintext = strict and field == "plaintext" and backend.vault.dialect.missing_plaintext_fails_batch
    problems, items = [], []
    for index, item in enumerate(raw):
        if not isinstance(item, dict):
            kind = gojson.kind_of(item)
            if strict:
                raise internal("failed to parse batch input: [%d] expected a map, got '%s'" % (index, kind))
            problems.append("'[%d]' expected a map, got '%s'" % (index, kind))
            continue
        for name, value in item.items():
            if isinstance(value, str) and not isinstance(value, gojson.Number):
                continue
            if name in (field, "context", "nonce", "associated_data"):
                text = gojson.as_text(value)
                if text is None or strict:
                    problems.append("'[%d].%s' expected type 'string', got unconvertible type '%s'" % (
                        index, name, gojson.kind_of(value)))
                else:
                    item = {**item, name: text}
        if needs_plaintext and field not in item:
            problems.append("'[%d].plaintext' missing plaintext to encrypt" % index)
        items.append(item)
    if problems:
        raise internal("failed to parse batch input: %d error(s) decoding:\n\n%s" % (
            len(problems), "\n".join("* " + problem for problem in problems)))
    return items


def _run_batch(backend: Transit, key: Key, items: list[dict], field: str, call: Call,
               work: Callable[[Transit, Key, dict, str], dict]) -> Answer:
    dialect = backend.vault.dialect
    is_decrypt, is_rewrap = work is _decrypted, work is _rewrapped
    keeps_internal_errors = dialect.failed_item_status != 200
    results, worst, worked = [], 200, 0
    for item in items:
        try:
            result = work(backend, key, item, item.get(field) or "")
            worked += 1
            if is_decrypt and not dialect.plaintext_always_in_item and not result["plaintext"]:
                result = {}
        except Refusal as refusal:
            if refusal.status >= 500 and not keeps_internal_errors:
                raise
            worst = max(worst, refusal.status)
            result = {"error": refusal.errors[0]}
            if is_decrypt and dialect.plaintext_always_in_item:
                result = {"plaintext": "", **result}
        if dialect.reference:
            result["reference"] = gojson.as_text(item.get("reference")) or ""
        results.append(result)
    answer = Answer(data={"batch_results": results})
    if worst != 200 and keeps_internal_errors and not is_rewrap:
        asked = call.integer("partial_failure_response_code")
        answer.status = asked if asked and worked and dialect.partial_failure_code else worst
        answer.newline = False
    return answer


def _warned(backend: Transit, call: Call, answer: Answer) -> Answer:
    if backend.vault.dialect.warns_of_unknown_fields and not call.fields.keys() <= KNOWN_FIELDS:
        unknown = sorted(call.fields.keys() - KNOWN_FIELDS)
        answer.warnings = ["Endpoint ignored these unrecognized parameters: [%s]" % " ".join(unknown)]
    return answer


@routes.on("encrypt/" + NAME, "update")
def _encrypt(backend: Transit, call: Call, found: Any) -> Answer:
    raw = call.fields.get("batch_input")
    if raw is not None:
        items = _batch(backend, raw, "plaintext", backend.vault.dialect.strict_batch)
        if len({bool(item.get("context")) for item in items}) == 2:
            raise bad_request("context should be set either in all the request blocks or in none")
        key = _key_or_new(backend, call, found["name"], bool(items[0].get("context")))
        return _warned(backend, call, _run_batch(backend, key, items, "plaintext", call, _encrypted))
    text = call.text("plaintext")
    if "plaintext" not in call.fields:
        raise bad_request("missing plaintext to encrypt")
    _bytes(call.fields, "context")
    call.integer("key_version")
    key = _key_or_new(backend, call, found["name"], bool(call.fields.get("context")))
    return _warned(backend, call, Answer(data=_encrypted(backend, key, call.fields, text)))


def _key_or_new(backend: Transit, call: Call, name: str, has_context: bool) -> Key:
    if name in backend.keys or call.operation != "create" or backend.disable_upsert:
        return backend.key(name)
    convergent = call.boolean("convergent_encryption")
    if convergent and not has_context:
        raise bad_request("convergent encryption requires derivation to be enabled, so context is required")
    kind = call.text("type") or "aes256-gcm96"
    if kind in CURVES:
        raise bad_request("key type %s not supported for this operation" % kind)
    if kind not in UPSERT_TYPES:
        raise bad_request("unknown key type %s" % kind)
    return backend.make(name, kind, has_context, convergent)


def _opening(work: Callable[[Transit, Key, dict, str], dict]) -> Callable[[Transit, Call, Any], Answer]:
    def handler(backend: Transit, call: Call, found: Any) -> Answer:
        raw = call.fields.get("batch_input")
        if raw is not None:
            strict = backend.vault.dialect.strict_batch and work is _decrypted
            items = _batch(backend, raw, "ciphertext", strict)
            key = backend.key(found["name"])
            return _warned(backend, call, _run_batch(backend, key, items, "ciphertext", call, work))
        text = call.text("ciphertext")
        if not text:
            raise bad_request("missing ciphertext to decrypt")
        key = backend.key(found["name"])
        return _warned(backend, call, Answer(data=work(backend, key, call.fields, text)))
    return handler


routes.on("decrypt/" + NAME, "update")(_opening(_decrypted))
routes.on("rewrap/" + NAME, "update")(_opening(_rewrapped))


# ---- keys

@routes.on("keys/?", "list")
def _list(backend: Transit, call: Call, _: Any) -> Answer:
    if not backend.keys:
        raise Refusal(404)
    return Answer(data={"keys": sorted(backend.keys)})


@routes.on("keys/" + NAME, "read")
def _read(backend: Transit, call: Call, found: Any) -> Answer:
    key = backend.keys.get(found["name"])
    if key is None:
        raise Refusal(404)
    return Answer(data=backend.shown(key))


@routes.on("keys/" + NAME, "update")
def _create(backend: Transit, call: Call, found: Any) -> Answer | None:
    kind = call.text("type") or "aes256-gcm96"
    derived, convergent = call.boolean("derived"), call.boolean("convergent_encryption")
    key = backend.keys.get(found["name"])
    if key is None:
        key = backend.make(found["name"], kind, derived, convergent, exportable=call.boolean("exportable"),
                           allow_plaintext_backup=call.boolean("allow_plaintext_backup"))
    return backend.after_change(key)


@routes.on("keys/" + NAME, "delete")
def _delete(backend: Transit, call: Call, found: Any) -> None:
    name = found["name"]
    key = backend.keys.get(name)
    if key is None:
        raise bad_request("error deleting policy %s: could not delete key; not found" % name)
    if not key.deletion_allowed:
        raise bad_request("error deleting policy %s: deletion is not allowed for this key" % name)
    del backend.keys[name]
    backend.vault.changed = True


@routes.on("keys/" + NAME + "/rotate", "update")
def _rotate(backend: Transit, call: Call, found: Any) -> Answer | None:
    key = backend.key_to_change(found["name"], "key not found")
    key.rotate(backend.vault.clock.now())
    return backend.after_change(key)


@routes.on("keys/" + NAME + "/config", "update")
def _config(backend: Transit, call: Call, found: Any) -> Answer | None:
    name = found["name"]
    key = backend.key_to_change(name, "no existing key named %s could be found" % name)
    changed, warnings = dataclasses.replace(key), []
    if "min_decryption_version" in call.fields:
        changed.min_decryption = _minimum(call, "min_decryption_version", key.latest, key.min_decryption)
        if changed.min_decryption == 0:
            changed.min_decryption = 1
            warnings.append("since Vault 0.3, transit key numbering starts at 1; forcing minimum to 1")
    if "min_encryption_version" in call.fields:
        changed.min_encryption = _minimum(call, "min_encryption_version", key.latest, key.min_encryption)
    if 0 < changed.min_encryption < changed.min_decryption:
        raise bad_request("cannot set min encryption/decryption values; min encryption version of %d must be greater "
                          "than or equal to min decryption version of %d" % (
                              changed.min_encryption, changed.min_decryption))
    changed.deletion_allowed = call.boolean("deletion_allowed", key.deletion_allowed)
    changed.exportable = key.exportable or call.boolean("exportable")
    changed.allow_plaintext_backup = key.allow_plaintext_backup or call.boolean("allow_plaintext_backup")
    if changed != key:
        if changed.min_available > changed.min_encryption:
            raise bad_request("min encryption version should not be less than min available version")
        if changed.min_available > changed.min_decryption:
            raise bad_request("min decryption version should not be less then min available version")
        backend.keys[name] = key = changed
        backend.vault.changed = True
        if warnings and not backend.vault.dialect.key_shown_after_change:
            return Answer(warnings=warnings)
    return backend.after_change(key)


def _minimum(call: Call, field: str, latest: int, known: int) -> int:
    what = field.replace("_", " ")
    value = call.integer(field)
    if value < 0:
        raise bad_request("%s cannot be negative" % what)
    if value != known and value > latest:
        raise bad_request("cannot set %s of %d, latest key version is %d" % (what, value, latest))
    return value


@routes.on("keys/" + NAME + "/trim", "update")
def _trim(backend: Transit, call: Call, found: Any) -> Answer | None:
    key = backend.key_to_change(found["name"], "invalid key name")
    least = call.integer("min_available_version")
    if least < key.min_available:
        raise bad_request("minimum available version cannot be decremented")
    if key.min_encryption == 0:
        raise bad_request("minimum available version cannot be set when minimum encryption version is not set")
    if least > key.min_encryption:
        raise bad_request("minimum available version cannot be greater than minimum encryption version")
    if least > key.min_decryption:
        raise bad_request("minimum available version cannot be greater than minimum decryption version")
    key.min_available = least
    key.versions = {number: version for number, version in key.versions.items() if number >= least}
    return backend.after_change(key)


@routes.on("keys/" + NAME + "/soft-delete(?P<restore>-restore)?", "update", "delete")
def _soft_delete(backend: Transit, call: Call, found: Any) -> Answer | None:
    if not backend.vault.dialect.soft_delete:
        raise Refusal(404, "1 error occurred:\n\t* unsupported path\n\n")
    key = backend.keys.get(found["name"])
    if key is None:
        raise bad_request("no existing key named %s could be found" % found["name"])
    key.soft_deleted = not found["restore"]
    return backend.after_change(key)


@routes.on("config/keys", "read", "update")
def _config_keys(backend: Transit, call: Call, _: Any) -> Answer:
    if not backend.vault.dialect.disable_upsert:
        raise Refusal(404, "1 error occurred:\n\t* unsupported path\n\n")
    if call.operation != "read":
        backend.disable_upsert = call.boolean("disable_upsert", backend.disable_upsert)
        backend.vault.changed = True
    return Answer(data={"disable_upsert": backend.disable_upsert})


# ---- the rest

@routes.on("datakey/(?P<kind>[^/]+)/" + NAME, "update")
def _datakey(backend: Transit, call: Call, found: Any) -> Answer:
    if found["kind"] not in ("plaintext", "wrapped"):
        raise bad_request("Invalid path, must be 'plaintext' or 'wrapped'")
    bits = call.integer("bits", 256)
    if bits not in (128, 256, 512):
        raise bad_request("invalid bit length")
    key = backend.key(found["name"])
    plain = base64.b64encode(os.urandom(bits // 8)).decode()
    data = _encrypted(backend, key, {**call.fields, "plaintext": plain}, plain)
    if found["kind"] == "plaintext":
        data["plaintext"] = plain
    return Answer(data=data)


@routes.on("random(?:/(?P<count>[0-9]+))?", "update")
def _random(backend: Transit, call: Call, found: Any) -> Answer:
    return random_bytes(call, found["count"])


def random_bytes(call: Call, in_path: str | None) -> Answer:
    data = os.urandom(int(in_path or call.integer("bytes", 32)))
    is_hex = call.text("format") == "hex"
    return Answer(data={"random_bytes": data.hex() if is_hex else base64.b64encode(data).decode()})


@routes.on("hmac/" + NAME + "(?:/(?P<hash>[\\w-]+))?", "update")
def _hmac(backend: Transit, call: Call, found: Any) -> Answer:
    key = backend.key(found["name"])
    algorithm = DIGESTS.get(found["hash"] or call.text("algorithm", "sha2-256"))
    if algorithm is None:
        raise bad_request("unsupported algorithm %s" % found["hash"])
    version = key.version_to_encrypt(call.integer("key_version"))
    try:
        data = gojson.decode_base64(call.text("input"))
    except gojson.GoError as error:
        raise bad_request("unable to decode input as base64: %s" % error) from None
    return Answer(data={"hmac": "vault:v%d:%s" % (version, key.mac(version, data, algorithm))})


@routes.on("(?:sign|verify)/" + NAME + "(?:/[\\w-]+)?", "update")
def _sign(backend: Transit, call: Call, found: Any) -> Answer:
    key = backend.key(found["name"])
    if call.path.startswith("verify/") and call.text("hmac"):
        mine = _hmac(backend, call, found).data["hmac"]
        return Answer(data={"valid": mine == call.text("hmac")})
    if key.kind in SYMMETRIC:
        raise bad_request("key type %s does not support %s" % (
            key.kind, "signing" if call.path.startswith("sign/") else "verification"))
    raise Refusal(501, "the test Vault does not sign")


@routes.on("export/(?P<kind>[^/]+)/" + NAME + "(?:/(?P<version>[^/]+))?", "read")
def _export(backend: Transit, call: Call, found: Any) -> Answer:
    if found["kind"] not in ("encryption-key", "signing-key", "hmac-key"):
        raise bad_request("invalid export type: %s" % found["kind"])
    key = backend.keys.get(found["name"])
    if key is None:
        raise Refusal(404)
    if not key.exportable:
        raise bad_request("key is not exportable")
    if found["kind"] == "encryption-key" and not key.can_encrypt:
        raise bad_request("encryption not supported for the key")
    wanted = found["version"]
    if wanted is None:
        numbers = list(range(max(key.min_decryption, key.min_available), key.latest + 1))
    elif wanted == "latest":
        numbers = [key.latest]
    elif wanted.isdigit():
        numbers = [int(wanted)]
    else:
        raise bad_request("invalid key version")
    if any(number not in key.versions for number in numbers):
        raise bad_request("version does not exist or cannot be found")
    if numbers[0] < key.min_decryption:
        raise bad_request("version for export is below minimum decryption version")
    return Answer(data={"keys": {str(number): key.exported(number, found["kind"]) for number in numbers},
                        "name": key.name, "type": key.kind})


@routes.on("backup/" + NAME, "read")
def _backup(backend: Transit, call: Call, found: Any) -> Answer:
    key = backend.keys.get(found["name"])
    if key is None:
        raise internal('key "%s" not found' % found["name"])
    if not key.exportable:
        raise internal("exporting is disallowed on the policy")
    if not key.allow_plaintext_backup:
        raise internal("plaintext backup is disallowed on the policy")
    ticket = os.urandom(16).hex()
    backend.backups[ticket] = copy.deepcopy(key)
    return Answer(data={"backup": base64.b64encode(json.dumps({"policy": ticket}).encode()).decode()})


@routes.on("restore(?:/" + NAME + ")?", "update")
def _restore(backend: Transit, call: Call, found: Any) -> None:
    try:
        ticket = json.loads(gojson.decode_base64(call.text("backup")))["policy"]
        key = copy.deepcopy(backend.backups[ticket])
    except gojson.GoError as error:
        raise internal(str(error)) from None
    except (ValueError, KeyError, TypeError):
        raise internal("invalid backup data") from None
    name = found["name"] or key.name
    if name in backend.keys and not call.boolean("force"):
        raise internal('key "%s" already exists' % name)
    key.name = name
    backend.keys[name] = key
    backend.vault.changed = True
