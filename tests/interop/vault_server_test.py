#!/usr/bin/env python3
"""What the test Vault does that no recording shows: newer dialects, kubernetes, its state file and test controls.

usage: vault_server_test.py [NAME OF ONE CASE]
"""
import base64
import http.client
import json
import pathlib
import socket
import ssl
import sys
import tempfile

import vault_server

vault_server.use_system_python()

from vault_replay_raw import make_certificate, trusting_context  # noqa: E402 (needs the interpreter found above)
from vault_server import Failure, Server  # noqa: E402

PLAIN = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
LATER = ("1.10", "bao-2.6")
CASES = []


def case(*dialects):
    def register(function):
        CASES.extend((function, dialect) for dialect in dialects)
        return function
    return register


def expect(given, wanted, what):
    if given != wanted:
        raise Failure("%s: %r in place of %r" % (what, given, wanted))


def refused(reply, status, text, what):
    expect((reply.status, reply.error()), (status, text), what)


class Vault:
    """Short ways to what the cases need."""

    def __init__(self, server):
        self.server, self.client, self.root = server, server.client, server.root

    def call(self, method, path, body=None, token=None, headers=None):
        return self.client.call(method, path, self.root if token is None else token, body, headers)

    def done(self, method, path, body=None, **more):
        reply = self.call(method, path, body, **more)
        if reply.status not in (200, 204):
            raise Failure("%s %s: %d %s" % (method, path, reply.status, reply.body.decode()))
        return json.loads(reply.body) if reply.body else None

    def token(self, **fields):
        return self.done("POST", "auth/token/create", fields)["auth"]["client_token"]

    def encrypt(self, key="k", **more):
        return self.done("POST", "transit/encrypt/" + key, {"plaintext": PLAIN, **more})["data"]["ciphertext"]

    def decrypt(self, ciphertext, key="k", **more):
        return self.call("POST", "transit/decrypt/" + key, {"ciphertext": ciphertext, **more})

    def approle(self, **fields):
        """A role and a secret id for it."""
        if self.call("GET", "auth/approle/role/r").status != 200:
            self.done("POST", "sys/auth/approle", {"type": "approle"})
        self.done("POST", "auth/approle/role/r", {"token_policies": "default", **fields})
        role_id = self.done("GET", "auth/approle/role/r/role-id")["data"]["role_id"]
        return role_id, self.done("POST", "auth/approle/role/r/secret-id", {})["data"]["secret_id"]

    def log_in(self, role_id, secret_id):
        return self.client.call("POST", "auth/approle/login", None, {"role_id": role_id, "secret_id": secret_id})


def damaged(ciphertext):
    return ciphertext[:-4] + ("AAA=" if ciphertext.endswith("=") else "AAAA")


# ---- newer dialects: requests without or with bad tokens

@case(*LATER)
def no_token_is_denied(vault):
    refused(vault.call("GET", "transit/keys/k", token=""), 403, "permission denied", "no token")
    refused(vault.call("POST", "auth/none/login", {}, token=""), 403, "permission denied", "login at no mount")
    for text in ("a.b.c", "hvs.unknown", "b.AAAAAQKAAAAAAAAA", "s.unknown"):
        refused(vault.call("GET", "transit/keys/k", token=text), 403, "permission denied", "token " + text)


@case("1.10")
def tokens_are_long(vault):
    token = vault.token()
    expect((token[:4], len(token) > 90), ("hvs.", True), "service token")
    batch = vault.token(type="batch", policies=["default"])
    expect(batch[:4], "hvb.", "batch token")
    expect(vault.call("GET", "auth/token/lookup-self", token=batch).status, 200, "lookup of a batch token")


@case("bao-2.6")
def bao_tokens_are_short(vault):
    token = vault.token()
    expect((token[:2], len(token)), ("s.", 26), "service token")


@case("bao-2.6")
def bao_names_routes_its_way(vault):
    refused(vault.call("GET", "nothing/keys/k"), 404,
            'no handler for route "nothing/keys/k". route entry not found.', "no mount")


@case(*LATER)
def patch_is_refused(vault):
    expect(vault.call("PATCH", "transit/encrypt/k", {}).status, 415, "PATCH")


# ---- newer dialects: transit

@case(*LATER)
def tag_failures_are_400(vault):
    bad = damaged(vault.encrypt())
    refused(vault.decrypt(bad), 400, "cipher: message authentication failed", "damaged")
    refused(vault.call("POST", "transit/rewrap/k", {"ciphertext": bad}), 400, "cipher: message authentication failed",
            "rewrap of a damaged one")


@case(*LATER)
def batches_with_a_bad_item_are_400(vault):
    good = vault.encrypt()
    reply = vault.call("POST", "transit/decrypt/k", {"batch_input": [
        {"ciphertext": good, "reference": "a"}, {"ciphertext": damaged(good)}, {"ciphertext": "garbage"}]})
    results = [{"plaintext": PLAIN, "reference": "a"},
               {"plaintext": "", "error": "cipher: message authentication failed", "reference": ""},
               {"plaintext": "", "error": "invalid ciphertext: no prefix", "reference": ""}]
    expect((reply.status, reply.json()["data"]["batch_results"]), (400, results), "decrypt")
    expect(("errors" in reply.json(), reply.body.endswith(b"\n")), (False, False), "form of a partial failure")
    reply = vault.call("POST", "transit/encrypt/k", {"batch_input": [{"plaintext": PLAIN}, {"plaintext": "!!"}]})
    first, second = reply.json()["data"]["batch_results"]
    expect((reply.status, first["key_version"], second),
           (400, 1, {"error": "illegal base64 data at input byte 0", "reference": ""}), "encrypt")
    reply = vault.call("POST", "transit/rewrap/k", {
        "batch_input": [{"ciphertext": good}, {"ciphertext": damaged(good)}]})
    expect((reply.status, "error" in reply.json()["data"]["batch_results"][1]), (200, True), "rewrap")
    reply = vault.call("POST", "transit/decrypt/k", {"batch_input": [{"ciphertext": good}]})
    expect((reply.status, reply.body[-1:]), (200, b"\n"), "all good")


@case(*LATER)
def partial_failures_may_have_another_code(vault):
    good = vault.encrypt()
    for items, status in (([good, "garbage"], 207), (["garbage", "garbage"], 400), ([good], 200)):
        reply = vault.call("POST", "transit/decrypt/k", {
            "batch_input": [{"ciphertext": item} for item in items], "partial_failure_response_code": 207})
        expect(reply.status, status, "decrypt of %d" % len(items))


@case(*LATER)
def items_without_plaintext_fail_the_batch(vault):
    reply = vault.call("POST", "transit/encrypt/k", {"batch_input": [{"plaintext": PLAIN}, {}]})
    expect((reply.status, "'[1].plaintext' missing plaintext to encrypt" in reply.error()), (500, True), "encrypt")


@case(*LATER)
def associated_data_binds(vault):
    ciphertext = vault.encrypt(associated_data="YWQ=")
    expect(vault.decrypt(ciphertext, associated_data="YWQ=").json()["data"]["plaintext"], PLAIN, "the same")
    rewrap = vault.call("POST", "transit/rewrap/k", {"ciphertext": ciphertext, "associated_data": "YWQ="})
    for reply, what in ((vault.decrypt(ciphertext), "none"), (rewrap, "rewrap takes none"),
                        (vault.decrypt(ciphertext, associated_data="YWI="), "another")):
        refused(reply, 400, "cipher: message authentication failed", what)


@case(*LATER)
def upsert_can_be_disabled(vault):
    vault.done("POST", "transit/config/keys", {"disable_upsert": True})
    reply = vault.call("POST", "transit/encrypt/new", {"plaintext": PLAIN})
    refused(reply, 400, "encryption key not found", "upsert")
    expect(vault.call("GET", "transit/keys/new").status, 404, "the key")


@case(*LATER)
def unknown_fields_are_warned_of(vault):
    warnings = vault.done("POST", "transit/encrypt/k", {"plaintext": PLAIN, "contxt": "eA=="})["warnings"]
    expect(warnings, ["Endpoint ignored these unrecognized parameters: [contxt]"], "warnings")


@case("1.10")
def a_nonce_of_wrong_size_is_refused(vault):
    expect(vault.call("POST", "transit/encrypt/k", {"plaintext": PLAIN, "nonce": "c2hvcnQ="}).status, 400, "nonce")
    vault.done("POST", "transit/keys/k/rotate")


@case("bao-2.6")
def bao_has_no_nonce(vault):
    first, second = (vault.encrypt(nonce="AQEBAQEBAQEBAQEB") for _ in range(2))
    expect(first == second, False, "equal ciphertexts")


@case("bao-2.6")
def bao_shows_changed_keys(vault):
    for path in ("transit/keys/k", "transit/keys/k/rotate", "transit/keys/k/config"):
        expect(vault.done("POST", path, {})["data"]["name"], "k", path)
    expect(vault.done("GET", "transit/keys/k")["data"]["soft_deleted"], False, "soft_deleted")


@case("bao-2.6")
def bao_deletes_softly(vault):
    ciphertext = vault.encrypt()
    vault.done("POST", "transit/keys/k/soft-delete", {})
    refused(vault.decrypt(ciphertext), 400, "refusing to use soft-deleted key", "decrypt")
    vault.done("POST", "transit/keys/k/soft-delete-restore", {})
    expect(vault.decrypt(ciphertext).status, 200, "decrypt of a restored key")


@case("bao-2.6")
def bao_has_xchacha(vault):
    vault.done("POST", "transit/keys/x", {"type": "xchacha20-poly1305"})
    ciphertext = vault.encrypt("x")
    expect(len(base64.b64decode(ciphertext.split(":")[2])), 24 + 32 + 16, "length")
    expect(vault.decrypt(ciphertext, "x").json()["data"]["plaintext"], PLAIN, "plaintext")
    reply = vault.decrypt(damaged(ciphertext), "x")
    refused(reply, 400, "chacha20poly1305: message authentication failed", "damaged")


@case("bao-2.6")
def bao_counts_strings(vault):
    def batch(count):
        return vault.call("POST", "transit/encrypt/k", {"batch_input": [{"plaintext": PLAIN}] * count})
    expect(batch(499).status, 200, "499 items")
    expect(batch(500).error()[:44], "refused JSON input due to high complexity: J", "500 items")


# ---- newer dialects: logins, namespaces

@case(*LATER)
def logins_lock_out(vault):
    role_id, secret_id = vault.approle()
    wrong = "invalid role or secret ID" if vault.server.dialect == "bao-2.6" else "invalid secret id"
    for _ in range(5):
        refused(vault.log_in(role_id, "wrong"), 400, wrong, "wrong secret")
    refused(vault.log_in(role_id, secret_id), 403, "permission denied", "the right secret, too late")
    vault.client.control("clock", advance=15 * 60)
    expect(vault.log_in(role_id, secret_id).status, 200, "15 minutes later")


@case("bao-2.6")
def bao_has_one_text_for_wrong_credentials(vault):
    role_id, secret_id = vault.approle()
    refused(vault.log_in("wrong", secret_id), 400, "invalid role or secret ID", "role id")
    refused(vault.log_in(role_id, "wrong"), 400, "invalid role or secret ID", "secret id")


@case("bao-2.6")
def bao_has_namespaces(vault):
    inside = {"X-Vault-Namespace": "ns1"}
    refused(vault.call("GET", "transit/keys/k", token="", headers=inside), 404, "namespace not found", "unknown")
    vault.done("POST", "sys/namespaces/ns1", {})
    vault.done("POST", "sys/mounts/transit", {"type": "transit"}, headers=inside)
    vault.done("POST", "transit/keys/inner", {}, headers=inside)
    expect(vault.call("GET", "ns1/transit/keys/inner").status, 200, "the path form")
    expect(vault.call("GET", "transit/keys/inner").status, 404, "the root's mount")
    vault.done("PUT", "sys/policies/acl/use", {"policy": 'path "transit/keys/*" { capabilities = ["read"] }'},
               headers=inside)
    token = vault.done("POST", "auth/token/create", {"policies": ["use"]}, headers=inside)["auth"]["client_token"]
    expect(vault.call("GET", "transit/keys/inner", token=token, headers=inside).status, 200, "its own token")
    expect(vault.call("GET", "transit/keys/k", token=token).status, 403, "its own token outside")
    refused(vault.call("GET", "sys/health", headers=inside), 400, "operation unavailable in namespaces", "health")


# ---- what is not recorded of any

@case("1.8")
def kubernetes_takes_registered_tokens(vault):
    vault.done("POST", "sys/auth/kubernetes", {"type": "kubernetes"})
    vault.done("POST", "auth/kubernetes/role/app", {
        "bound_service_account_names": "app", "token_policies": "default"})
    for name, jwt in (("app", "good"), ("other", "stranger")):
        vault.client.control("service-account", jwt=jwt, name=name, namespace="prod")

    def log_in(role, jwt):
        return vault.client.call("POST", "auth/kubernetes/login", None, {"role": role, "jwt": jwt})
    auth = log_in("app", "good").json()["auth"]
    expect(auth["metadata"]["service_account_name"], "app", "metadata")
    expect(vault.call("GET", "auth/token/lookup-self", token=auth["client_token"]).status, 200, "its token")
    refused(log_in("none", "good"), 400, 'invalid role name "none"', "role")
    refused(log_in("app", "unknown"), 403, "permission denied", "jwt")
    refused(log_in("app", "stranger"), 403, "service account name not authorized", "another account")


@case("1.8")
def the_clock_ends_tokens(vault):
    token = vault.token(policies=["default"], period="1h")
    for _ in range(3):
        vault.client.control("clock", advance=3000)
        renewed = vault.done("POST", "auth/token/renew-self", {}, token=token)["auth"]
        expect(renewed["lease_duration"], 3600, "ttl")
    vault.client.control("clock", advance=3700)
    refused(vault.call("POST", "auth/token/renew-self", {}, token=token), 403, "permission denied", "too late")


@case("1.8")
def faults_come_as_ordered(vault):
    control = vault.client.control
    control("fail", prefix="/v1/transit/", count=2, status=503, errors=["node is not active"])
    for _ in range(2):
        refused(vault.call("GET", "transit/keys/k"), 503, "node is not active", "answer")
    expect(vault.call("GET", "transit/keys/k").status, 200, "after the fault")
    control("fail", prefix="/v1/transit/keys", mode="drop-after")
    try:
        vault.call("POST", "transit/keys/late", {})
        raise Failure("an answer in place of a drop")
    except (http.client.RemoteDisconnected, ConnectionResetError):
        pass
    expect(vault.call("GET", "transit/keys/late").status, 200, "what was done before the drop")
    control("fail", mode="stall", skip=1)
    expect(vault.call("GET", "sys/health").status, 200, "skipped")
    try:
        vault.client.send("GET", "/v1/sys/health", timeout=0.2)
        raise Failure("an answer in place of a stall")
    except socket.timeout:
        pass
    control("fail", mode="delay", seconds=0.05)
    expect(vault.call("GET", "sys/health").status, 200, "delayed")


@case("1.8")
def requests_are_counted(vault):
    role_id, secret_id = vault.approle()
    vault.client.send("DELETE", "/_test/requests")
    for _ in range(3):
        vault.log_in(role_id, secret_id)
    counts = vault.client.send("GET", "/_test/requests").json()
    expect(counts, {"/v1/auth/approle/login": 3}, "counts")


@case("1.8")
def tokens_are_forgotten(vault):
    token = vault.token(policies=["default"])
    expect(vault.client.control("forget-tokens"), {"forgotten": 1}, "forgotten")
    refused(vault.call("GET", "auth/token/lookup-self", token=token), 403, "permission denied", "lookup")
    expect(vault.call("GET", "auth/token/lookup-self").status, 200, "the root token")


@case("1.8")
def nodes_seal_and_redirect(vault):
    control = vault.client.control
    control("standby", leader="http://127.0.0.1:1")
    reply = vault.call("GET", "transit/keys/k?a=b")
    expect((reply.status, reply.headers["Location"]), (307, "http://127.0.0.1:1/v1/transit/keys/k?a=b"), "standby")
    control("standby", leader="")
    refused(vault.call("GET", "transit/keys/k"), 503, "no active Vault instance found", "no leader")
    control("active")
    control("seal")
    expect(vault.call("GET", "sys/health").status, 503, "health")
    control("unseal")
    expect(vault.call("GET", "transit/keys/k").status, 200, "unsealed")


def run_case(function, dialect):
    with Server(dialect, "--dev-transit") as server:
        server.dialect = dialect
        vault = Vault(server)
        vault.done("POST", "transit/keys/k", {})
        function(vault)


# ---- the process

def state_survives_a_restart():
    with tempfile.TemporaryDirectory() as folder:
        state = ["--state", folder + "/state", "--dev-transit"]
        with Server("1.8", *state) as server:
            vault = Vault(server)
            vault.done("POST", "transit/keys/k", {})
            ciphertext, old = vault.encrypt(), vault.approle()
            root = server.root
        with Server("1.8", *state) as server:
            vault = Vault(server)
            expect(server.root, root, "root token")
            expect(vault.decrypt(ciphertext).json()["data"]["plaintext"], PLAIN, "decrypt")
            expect(vault.log_in(*old).status, 200, "login")


def a_unix_socket_works():
    with tempfile.TemporaryDirectory() as folder, Server("1.8", "--unix", folder + "/vault") as server:
        expect(server.facts["address"], "unix://" + folder + "/vault", "address")
        expect(Vault(server).call("GET", "sys/health").status, 200, "health")


def tls_can_ask_for_a_certificate():
    with tempfile.TemporaryDirectory() as folder:
        options = make_certificate(pathlib.Path(folder))
        context = trusting_context()
        with Server("1.8", *options, "--client-ca", options[1], context=context) as server:
            try:
                Vault(server).call("GET", "sys/health")
                raise Failure("an answer without a certificate")
            except (ssl.SSLError, OSError, http.client.HTTPException):
                pass
            server.client.context.load_cert_chain(options[1], options[3])
            server.client.close()
            big = Vault(server).call("GET", "sys/health")
            expect(big.status, 200, "with a certificate")


def many_connections_work_at_once():
    with Server("1.8", "--dev-transit") as server:
        clients = [vault_server.Client(server.facts["address"]) for _ in range(300)]
        for _ in range(2):
            for client in clients:
                expect(client.call("GET", "sys/health").status, 200, "health")
        for client in clients:
            client.close()


PROCESS_CASES = [state_survives_a_restart, a_unix_socket_works, tls_can_ask_for_a_certificate,
                 many_connections_work_at_once]


def main():
    wanted = sys.argv[1:]
    failed = count = 0
    cases = [("%s at %s" % (function.__name__, dialect), function.__name__, run_case, (function, dialect))
             for function, dialect in CASES]
    cases += [(function.__name__, function.__name__, function, ()) for function in PROCESS_CASES]
    for title, name, function, arguments in cases:
        if wanted and name not in wanted:
            continue
        count += 1
        try:
            function(*arguments)
        except (Failure, OSError, http.client.HTTPException, KeyError, ValueError) as error:
            failed += 1
            print("%s: %r" % (title, error))
    print("%d cases, %d failed" % (count, failed))
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
