"""The keys of transit: their versions, and encryption under one of them."""
from __future__ import annotations

import base64
import binascii
import dataclasses
import hmac
import os
import struct
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import gojson
from answers import bad_request, internal, rfc3339

NONCE = 12
SYMMETRIC = {"aes256-gcm96": 32, "aes128-gcm96": 16, "chacha20-poly1305": 32, "xchacha20-poly1305": 32}
CURVES = {"ecdsa-p256": ("P-256", ec.SECP256R1), "ecdsa-p384": ("P-384", ec.SECP384R1),
          "ecdsa-p521": ("P-521", ec.SECP521R1)}
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
MISSING_CONTEXT = ("missing 'context' for key derivation; the key was created using a derived key, which means "
                   "additional, per-request information must be included in order to perform operations with the key")


class Damaged(Exception):
    """The tag does not match. The text is what Go's cipher says."""


class XChaCha20Poly1305:
    """ChaCha20-Poly1305 under a key that HChaCha20 derives from the first 16 bytes of a nonce of 24."""

    def __init__(self, key: bytes):
        self._key = key

    def _inner(self, nonce: bytes) -> tuple[ChaCha20Poly1305, bytes]:
        state = list(struct.unpack("<16I", b"expand 32-byte k" + self._key + nonce[:16]))
        for _ in range(10):
            for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                               (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
                for x, y, z, shift in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                    state[x] = (state[x] + state[y]) & 0xFFFFFFFF
                    mixed = state[z] ^ state[x]
                    state[z] = ((mixed << shift) | (mixed >> (32 - shift))) & 0xFFFFFFFF
        key = struct.pack("<8I", *state[:4], *state[12:])
        return ChaCha20Poly1305(key), b"\0\0\0\0" + nonce[16:]

    def encrypt(self, nonce: bytes, data: bytes, associated: bytes | None) -> bytes:
        cipher, inner = self._inner(nonce)
        return cipher.encrypt(inner, data, associated)

    def decrypt(self, nonce: bytes, data: bytes, associated: bytes | None) -> bytes:
        cipher, inner = self._inner(nonce)
        return cipher.decrypt(inner, data, associated)


def aead_of(kind: str, key: bytes) -> Any:
    return {"chacha20-poly1305": ChaCha20Poly1305, "xchacha20-poly1305": XChaCha20Poly1305}.get(kind, AESGCM)(key)


@dataclasses.dataclass
class Version:
    created: float
    material: bytes      # the key itself, or the private key as PKCS 8
    hmac_key: bytes

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if not name.startswith("_")}

    def aead(self, kind: str) -> Any:
        cached = self.__dict__.get("_aead")
        if cached is None:
            cached = self.__dict__["_aead"] = aead_of(kind, self.material)
        return cached

    def private(self) -> Any:
        cached = self.__dict__.get("_private")
        if cached is None:
            cached = self.__dict__["_private"] = serialization.load_der_private_key(self.material, None)
        return cached

    def public_text(self) -> str:
        public = self.private().public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return base64.b64encode(raw).decode()
        return public.public_bytes(serialization.Encoding.PEM,
                                   serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def new_version(kind: str, now: float) -> Version:
    if kind in SYMMETRIC or kind == "hmac":
        return Version(now, os.urandom(SYMMETRIC.get(kind, 32)), os.urandom(32))
    if kind.startswith("rsa-"):
        private = rsa.generate_private_key(65537, int(kind[4:]))
    elif kind in CURVES:
        private = ec.generate_private_key(CURVES[kind][1]())
    else:
        private = ed25519.Ed25519PrivateKey.generate()
    encoded = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption())
    return Version(now, encoded, os.urandom(32))


@dataclasses.dataclass
class Item:
    """One thing to encrypt or decrypt, as it was sent."""
    text: str
    context: bytes = b""
    nonce: bytes = b""
    version: int = 0
    associated: bytes | None = None


@dataclasses.dataclass
class Key:
    name: str
    kind: str
    derived: bool = False
    convergent: bool = False
    exportable: bool = False
    allow_plaintext_backup: bool = False
    deletion_allowed: bool = False
    versions: dict[int, Version] = dataclasses.field(default_factory=dict)
    latest: int = 0
    min_decryption: int = 1
    min_encryption: int = 0
    min_available: int = 0
    soft_deleted: bool = False
    read_lock_lost: bool = False   # a handler died holding it: the next change waits for ever, then everything
    change_waits: bool = False

    def rotate(self, now: float) -> None:
        self.latest += 1
        self.versions[self.latest] = new_version(self.kind, now)

    @property
    def can_encrypt(self) -> bool:
        return self.kind in SYMMETRIC or self.kind.startswith("rsa-")

    @property
    def nonce_size(self) -> int:
        return 24 if self.kind == "xchacha20-poly1305" else NONCE

    # ---- encryption

    def _aead(self, version: int, context: bytes) -> tuple[Any, bytes]:
        """The cipher, and the key that convergent nonces come from."""
        kept = self.versions[version]
        if not self.derived:
            return kept.aead(self.kind), b""
        if not context:
            raise bad_request(MISSING_CONTEXT)
        size = SYMMETRIC[self.kind]
        derived = HKDF(hashes.SHA256(), size + 32, salt=None, info=context).derive(kept.material)
        return aead_of(self.kind, derived[:size]), derived[size:]

    def encrypt(self, item: Item) -> tuple[str, int]:
        """A ciphertext and the version it is under. Refuses as the server does."""
        if not self.can_encrypt:
            raise bad_request("message encryption not supported for key type %s" % self.kind)
        try:
            plain = gojson.decode_base64(item.text)
        except gojson.GoError as error:
            raise bad_request(str(error)) from None
        version = self.version_to_encrypt(item.version)
        if self.kind in SYMMETRIC:
            payload = self._seal(plain, version, item)
        else:
            payload = self._seal_rsa(plain, version)
        return "vault:v%d:%s" % (version, binascii.b2a_base64(payload, newline=False).decode()), version

    def version_to_encrypt(self, asked: int) -> int:
        if asked == 0:
            return self.latest
        if asked < 0:
            raise bad_request("requested version for encryption is negative")
        if asked > self.latest:
            raise bad_request("requested version for encryption is higher than the latest key version")
        if asked < max(self.min_encryption, self.min_available):
            raise bad_request("requested version for encryption is less than the minimum encryption key version")
        return asked

    def _seal(self, plain: bytes, version: int, item: Item) -> bytes:
        aead, nonce_key = self._aead(version, item.context)
        if self.convergent:
            nonce = hmac.digest(nonce_key, plain, "sha256")[:self.nonce_size]
        else:
            nonce = item.nonce or os.urandom(self.nonce_size)
        return nonce + aead.encrypt(nonce, plain, item.associated)

    def _seal_rsa(self, plain: bytes, version: int) -> bytes:
        try:
            return self.versions[version].private().public_key().encrypt(plain, OAEP)
        except ValueError:
            raise internal("failed to RSA encrypt the plaintext: crypto/rsa: message too long for RSA public key "
                           "size") from None

    def decrypt(self, item: Item) -> str:
        """The plaintext in base64. Damaged when the tag does not match."""
        if not self.can_encrypt:
            raise bad_request("message decryption not supported for key type %s" % self.kind)
        if not item.text.startswith("vault:v"):
            raise bad_request("invalid ciphertext: no prefix")
        number, colon, text = item.text[7:].partition(":")
        if not colon:
            raise bad_request("invalid ciphertext: wrong number of fields")
        version = self._version_of(number)
        try:
            payload = gojson.decode_base64(text)
        except gojson.GoError:
            raise bad_request("invalid ciphertext: could not decode base64") from None
        if self.kind not in SYMMETRIC:
            return self._open_rsa(payload, version)
        size = self.nonce_size
        aead, _ = self._aead(version, item.context)
        if len(payload) < size:
            raise bad_request("invalid ciphertext length")
        try:
            plain = aead.decrypt(payload[:size], payload[size:], item.associated)
        except InvalidTag:
            raise Damaged(("chacha20poly1305" if "chacha" in self.kind else "cipher")
                          + ": message authentication failed") from None
        return binascii.b2a_base64(plain, newline=False).decode()

    def _version_of(self, number: str) -> int:
        try:
            version = gojson.integer_of(number)
        except gojson.GoError:
            version = 1 << 64
        if abs(version) >= 1 << 63:
            raise bad_request("invalid ciphertext: version number could not be decoded")
        version = version or 1
        if version > self.latest:
            raise bad_request("invalid ciphertext: version is too new")
        if version < max(self.min_decryption, self.min_available):
            raise bad_request("ciphertext or signature version is disallowed by policy (too old)")
        return version

    def _open_rsa(self, payload: bytes, version: int) -> str:
        try:
            return base64.b64encode(self.versions[version].private().decrypt(payload, OAEP)).decode()
        except ValueError:
            raise internal("failed to RSA decrypt the ciphertext: crypto/rsa: decryption error") from None

    def mac(self, version: int, data: bytes, algorithm: str) -> str:
        return base64.b64encode(hmac.digest(self.versions[version].hmac_key, data, algorithm)).decode()

    # ---- what others see

    def shown_version(self, number: int) -> Any:
        version = self.versions[number]
        if self.kind in SYMMETRIC or self.kind == "hmac":
            return int(version.created)
        name = CURVES[self.kind][0] if self.kind in CURVES else self.kind
        return {"creation_time": rfc3339(version.created), "name": name, "public_key": version.public_text()}

    def shown(self) -> dict:
        """As GET keys/NAME gives it."""
        first = max(self.min_decryption, self.min_available)
        is_symmetric = self.kind in SYMMETRIC
        data = {
            "allow_plaintext_backup": self.allow_plaintext_backup, "deletion_allowed": self.deletion_allowed,
            "derived": self.derived, "exportable": self.exportable,
            "keys": {str(number): self.shown_version(number) for number in range(first, self.latest + 1)},
            "latest_version": self.latest, "min_available_version": self.min_available,
            "min_decryption_version": self.min_decryption, "min_encryption_version": self.min_encryption,
            "name": self.name, "supports_decryption": self.can_encrypt,
            "supports_derivation": is_symmetric or self.kind == "ed25519", "supports_encryption": self.can_encrypt,
            "supports_signing": not is_symmetric and self.kind != "hmac", "type": self.kind}
        if self.derived:
            data.update(kdf="hkdf_sha256", convergent_encryption=self.convergent)
            if self.convergent:
                data["convergent_encryption_version"] = -1
        return data

    def exported(self, number: int, kind: str) -> str:
        version = self.versions[number]
        if kind == "hmac-key":
            return base64.b64encode(version.hmac_key).decode()
        if self.kind in SYMMETRIC:
            return base64.b64encode(version.material).decode()
        return version.private().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                               serialization.NoEncryption()).decode()

