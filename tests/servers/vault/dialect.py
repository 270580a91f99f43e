"""Every difference between the servers this one can stand for, as data.

"1.2" and "1.8" are held to recorded answers. "1.10" also stands for the versions after it (associated data,
references, lockout, warnings about unknown fields); "bao-2.6" is OpenBao. Those two follow the change logs.
"""
from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Dialect:
    name: str
    version: str
    # tokens
    token_prefix: str = "s."
    token_length: int = 24
    batch_token_prefix: str = "b."
    no_token_is_denied: bool = False           # 403 permission denied in place of 400 missing client token
    namespace_in_token: bool = True            # text after a dot in a token is taken for a namespace
    short_batch_token_panics: bool = True
    renewal_hides_default_policy: bool = False  # of tokens that AppRole gave
    shows_approle_period: bool = True
    short_durations: bool = True               # "768h", not "768h0m0s"
    auth_has_mfa: bool = False                 # mfa_requirement and num_uses in auth
    # logins
    secret_id_ttl_in_answer: bool = True
    approle_batch_num_uses_refused: bool = True
    cidr_refusal: str = "%!w(<nil>)"
    one_text_for_wrong_credentials: bool = False
    lockout: bool = False
    # transit
    key_types: frozenset = frozenset()
    nonce: str = "used"                        # "ignored", "used" (a wrong length kills the key), "checked", "absent"
    key_version_in_answer: bool = True
    damaged_status: int = 400                  # a tag that does not match
    damaged_text: str = ""                     # "": the cipher's own text
    strict_batch: bool = True                  # types of batch items are checked, else converted
    missing_plaintext_fails_batch: bool = False
    plaintext_always_in_item: bool = True      # "plaintext":"" in a failed or empty item of decrypt
    failed_item_status: int = 200              # of encrypt and decrypt with a bad item
    partial_failure_code: bool = False
    reference: bool = False
    associated_data: bool = False
    disable_upsert: bool = False
    warns_of_unknown_fields: bool = False
    key_shown_after_change: bool = False       # create, rotate and config answer 200 with the key
    extra_key_fields: tuple = ()
    soft_delete: bool = False
    # HTTP and sys
    json_error: str = ""                       # "": Go's own text behind "failed to parse JSON input: "
    short_body_error: str = "error reading data"
    form_bodies: bool = True
    head_refusal: bool = True                  # HEAD elsewhere than at sys/health has a text
    route_missing: str = "no handler for route '%s'"
    patch: tuple = (405, None)                 # status and text of a PATCH; None: no text
    max_json_strings: int = 0
    strict_health_booleans: bool = True
    leader_active_time: bool = True
    uninitialised_shows_version: bool = True
    unseal_error_prefix: str = "failed to setup unseal key: "
    quotas: bool = True
    forward_headers_refused: bool = True       # X-Vault-Forward, X-Vault-Inconsistent
    mount_extras: tuple = (("external_entropy_access", False),)
    tune_shows_description: bool = True
    namespaces: bool = False
    unwrap_without_token_status: int = 400
    sealed_prefix: bool = True                 # "error performing token check: " when a token was sent


_BASE_TYPES = frozenset({"aes256-gcm96", "chacha20-poly1305", "rsa-2048", "rsa-4096", "ecdsa-p256", "ed25519"})
_TYPES_1_8 = _BASE_TYPES | {"aes128-gcm96", "rsa-3072", "ecdsa-p384", "ecdsa-p521"}

V1_2 = Dialect(
    name="1.2", version="1.2.1", key_types=_BASE_TYPES, renewal_hides_default_policy=True, shows_approle_period=False,
    short_durations=False, secret_id_ttl_in_answer=False, approle_batch_num_uses_refused=False, cidr_refusal="<nil>",
    nonce="ignored", key_version_in_answer=False, damaged_text="invalid ciphertext: unable to decrypt",
    strict_batch=False, plaintext_always_in_item=False, short_body_error="failed to parse JSON input: unexpected EOF",
    form_bodies=False, head_refusal=False, strict_health_booleans=False, leader_active_time=False,
    uninitialised_shows_version=False, unseal_error_prefix="", quotas=False, forward_headers_refused=False,
    mount_extras=(), tune_shows_description=False)

V1_8 = Dialect(name="1.8", version="1.8.0-dev", key_types=_TYPES_1_8, damaged_status=500,
               json_error="error parsing JSON")

_LATER = dict(no_token_is_denied=True, short_batch_token_panics=False, auth_has_mfa=True, lockout=True,
              failed_item_status=400, missing_plaintext_fails_batch=True, partial_failure_code=True, reference=True,
              associated_data=True, disable_upsert=True, warns_of_unknown_fields=True,
              unwrap_without_token_status=403, cidr_refusal="", sealed_prefix=False)

V1_10 = Dialect(
    name="1.10", version="1.10.0", key_types=_TYPES_1_8 | {"hmac"}, token_prefix="hvs.", token_length=91,
    batch_token_prefix="hvb.", namespace_in_token=False, nonce="checked", json_error="error parsing JSON",
    extra_key_fields=(("auto_rotate_period", 0), ("imported_key", False)),
    patch=(415, "PATCH requires Content-Type of application/merge-patch+json, provided application/json"), **_LATER)

BAO_2_6 = Dialect(
    name="bao-2.6", version="2.6.2", key_types=_TYPES_1_8 | {"hmac", "xchacha20-poly1305"}, nonce="absent",
    namespace_in_token=False, one_text_for_wrong_credentials=True, key_shown_after_change=True, soft_delete=True,
    extra_key_fields=(("auto_rotate_period", 0), ("imported_key", False), ("soft_deleted", False)),
    route_missing='no handler for route "%s". route entry not found.', max_json_strings=1000, namespaces=True,
    forward_headers_refused=False,
    patch=(415, "PATCH requires Content-Type of application/merge-patch+json, provided application/json"), **_LATER)

DIALECTS = {dialect.name: dialect for dialect in (V1_2, V1_8, V1_10, BAO_2_6)}
