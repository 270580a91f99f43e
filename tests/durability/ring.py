"""A keyring in a folder, the tools that work on it, and the servers it has keys at."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

import vault_server  # noqa: E402 (needs the path above)
from dev_server import DevServer  # noqa: E402
from vault_server import Failure  # noqa: E402

TIMEOUT = 300  # seconds for one command, so that one that hangs ends the test; a sanitizer's takes its time
POLICY = 'path "transit/*" { capabilities = ["create", "read", "update"] }'


def clean_environment():
    names = ("KMIP", "KMS", "VAULT", "XDG_", "KEYWAY")
    return {n: v for n, v in os.environ.items() if not n.startswith(names)}


def expect(good, text, *facts):
    if not good:
        raise Failure(text + "".join(": %r" % (fact,) for fact in facts))


class Result:
    """How a command ended."""

    def __init__(self, command, code, out, err):
        self.command, self.code, self.out, self.err = command, code, out, err.decode(errors="replace")

    def json(self):
        return json.loads(self.out)

    def expect(self, *codes):
        if self.code not in codes:
            raise Failure("%s ended with %d where %s is expected: %s" % (
                " ".join(self.command[1:]), self.code, " or ".join(map(str, codes)), self.err[-2000:]))
        return self


class Ring:
    """The keyring in `folder`. It can be saved and put back, so that each attempt finds the same."""

    def __init__(self, kmsctl, folder):
        self.kmsctl, self.folder = os.path.abspath(kmsctl), pathlib.Path(folder)
        self.state = self.folder / "state"
        self.database = self.state / "keyring.db"
        self.environment = {**clean_environment(), "HOME": str(self.folder), "KMSCTL_DB": str(self.database)}
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)

    def start(self, *arguments, **more):
        """Starts kmsctl; what it writes can be read from the process."""
        return subprocess.Popen([self.kmsctl, *map(str, arguments)], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
                                env=more.pop("env", self.environment), **more)

    def end(self, process):
        """Waits for what start() started."""
        try:
            out, err = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failure("%s goes on and on" % " ".join(process.args)) from None
        return Result(process.args, process.returncode, out, err)

    def run(self, *arguments, expect=0, env=None):
        """`expect`: an exit code, several, or None for any."""
        result = self.end(self.start(*arguments, env=env or self.environment))
        if expect is None:
            return result
        return result.expect(*(expect if isinstance(expect, tuple) else (expect,)))

    # ---- the state as files

    def save(self, name):
        shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.state, self.folder / name)

    def put_back(self, name):
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.copytree(self.folder / name, self.state)
        self.state.chmod(0o700)

    # ---- what is in it

    def unlock_all(self, *options):
        """The keys that open, by filesystem, as fingerprints; and how the command ended."""
        keys = self.folder / "keys"
        shutil.rmtree(keys, ignore_errors=True)
        keys.mkdir(mode=0o700)
        environment = {**self.environment, "KEYS": str(keys)}
        result = self.run("fs", "unlock", "--all", "--exec", 'cat > "$KEYS/$KEYWAY_FS"', "--json", *options,
                          expect=None, env=environment)
        found = {file.name: file.read_bytes() for file in keys.iterdir()}
        shutil.rmtree(keys)
        for name, key in found.items():
            expect(len(key) == 32, "the key of a filesystem has 32 bytes", name, len(key))
        return {name: hashlib.sha256(key).hexdigest() for name, key in found.items()}, result

    def keys(self):
        """Every encrypted filesystem's key, as a fingerprint. One that does not open fails the test."""
        keys, result = self.unlock_all()
        result.expect(0)
        return keys

    def filesystems(self):
        return {row["name"]: row for row in self.run("fs", "list", "--json").json()["filesystems"]}

    def check(self):
        """Opens everything and compares what the views say; gives the keys."""
        verified = self.run("verify", "--all", "--json").json()
        keys = self.keys()
        expect(verified["done"] == len(keys) and verified["failed"] == 0, "verify opens all", verified)
        status = self.run("kms", "status", "--json").json()
        expect(status["encrypted"] == len(keys), "status counts what opens", status, len(keys))
        expect(sum(kms["filesystems"] for kms in status["kms"]) == len(keys), "each key is under a KMS", status)
        expect(sum(kms["left"] for kms in status["kms"]) == status["left"], "what is left adds up", status)
        return keys


class Vault:
    """A test Vault with two transit keys, and two AppRoles that may use them."""

    def __init__(self, dialect="1.10", *options):
        self.server = vault_server.Server(dialect, "--dev-transit", *options)
        self.address, self.token = self.server.facts["address"], self.server.root
        self.client = self.server.client
        self.counted = 0
        for key in ("fs", "own"):
            self.call("POST", "transit/keys/" + key, {})
        self.call("POST", "sys/auth/approle", {"type": "approle"})
        self.call("PUT", "sys/policies/acl/storage", {"policy": POLICY})
        self.roles = {role: self.role(role) for role in ("cluster", "tenant")}

    def call(self, method, path, body=None):
        reply = self.client.call(method, path, self.token, body)
        if reply.status >= 300:
            raise Failure("%s %s: %d %s" % (method, path, reply.status, reply.body.decode(errors="replace")))
        return reply.json() if reply.body else None

    def role(self, name):
        """A role id and a secret id."""
        self.call("POST", "auth/approle/role/" + name, {"token_policies": "storage"})
        role_id = self.call("GET", "auth/approle/role/%s/role-id" % name)["data"]["role_id"]
        return role_id, self.call("POST", "auth/approle/role/%s/secret-id" % name, {})["data"]["secret_id"]

    def rotate(self, key="fs"):
        self.call("POST", "transit/keys/%s/rotate" % key)

    def fail(self, **fault):
        self.counted = self.requests(fault["prefix"].removeprefix("/v1/"))
        self.client.control("fail", **{"count": 10**9, **fault})

    def heal(self):
        self.client.control("heal")

    def requests(self, prefix=""):
        counts = self.client.send("GET", "/_test/requests").json()
        return sum(count for path, count in counts.items() if path.startswith("/v1/" + prefix))

    def wait_for_request(self, prefix):
        """Waits until one more came than when a fault was asked for."""
        end = time.monotonic() + TIMEOUT
        while self.requests(prefix) <= self.counted:
            expect(time.monotonic() < end, "a request comes", prefix)
            time.sleep(0.01)

    def set_options(self, key="fs", role="cluster"):
        """What follows `kms set`; the secret id is stored."""
        role_id, secret_id = self.roles[role]
        return ["vault", self.address, key, "--role-id", role_id, "--secret-id", secret_id]

    def own_options(self, key="own", role="tenant"):
        role_id, secret_id = self.roles[role]
        return ["--kms-key-identifier", key, "--kms-role-id", role_id, "--kms-secret-id", secret_id]

    def stop(self):
        self.server.stop()


class Kmip:
    """The embedded KMIP server, or `address` in its place with the certificates in `folder`."""

    def __init__(self, kmipctl, folder, address=None):
        self.kmipctl, self.folder = kmipctl, pathlib.Path(folder)
        self.server = DevServer(kmipctl, self.folder)
        if address:
            self.server.stop()
        self.address = address or self.server.address
        self.is_ours = not address

    def run(self, *arguments):
        environment = {**clean_environment(), **self.server.settings(self.address),
                       "XDG_CONFIG_HOME": str(self.folder)}
        ended = subprocess.run([self.kmipctl, *arguments], capture_output=True, env=environment, timeout=TIMEOUT,
                               check=False)
        return Result(ended.args, ended.returncode, ended.stdout, ended.stderr).expect(0)

    def create_key(self):
        return self.run("create", "--algorithm", "AES", "--length", "256", "--activate").out.decode().strip()

    def set_options(self, key, address=None):
        return ["kmip", address or self.address, key, "--client-cert", self.folder / "client.pem",
                "--client-key", self.folder / "client.key", "--ca-cert", self.folder / "ca.pem"]

    def stop(self):
        if self.is_ours and self.server.stop() != 0:
            raise Failure("the KMIP server ended with %d" % self.server.process.returncode)


class Tool:
    """What kmsctl has no command for."""

    def __init__(self, program):
        self.program = os.path.abspath(program)

    def run(self, ring, command, *arguments):
        ended = subprocess.run([self.program, command, str(ring.database), *arguments], capture_output=True,
                               env=ring.environment, timeout=TIMEOUT, check=False)
        return Result(ended.args, ended.returncode, ended.stdout, ended.stderr).expect(0).out.decode()

    def make(self, ring, prefix, count):
        """Makes filesystems, encrypted under the KMS that is configured: PREFIX0000, PREFIX0001..."""
        self.run(ring, "make", prefix, str(count))

    def keys(self, ring):
        """As Ring.keys, for many."""
        lines = [line.split(" ", 1) for line in self.run(ring, "fingerprints").splitlines()]
        return {name: fingerprint for fingerprint, name in lines}
