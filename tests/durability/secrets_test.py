#!/usr/bin/env python3
"""Walks through the keyring and looks for every secret in everything it left behind or said.

usage: secrets_test.py KMSCTL KMIPCTL KEYRING_TOOL
"""
import base64
import pathlib
import re
import secrets
import sqlite3
import subprocess
import sys
import tempfile

from ring import Failure, Kmip, Result, Ring, TIMEOUT, Tool, Vault, expect, vault_server

PASSPHRASE = "correct horse " + secrets.token_hex(8)


def forms(secret):
    """How a secret's bytes may be written down."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for lead in range(3):  # in base64 the beginning and the end depend on what stands beside them
        coded = base64.b64encode(bytes(lead) + secret)
        core = coded[4 if lead else 0:len(coded) - 4]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


class Search:
    """What must not be found, and everything that was said."""

    def __init__(self):
        self.needles = {}  # bytes: what they are
        self.said = []     # (where, bytes)

    def add(self, what, secret):
        expect(len(secret) >= 16, "the secret is long enough to be looked for", what)
        for form in forms(secret):
            self.needles[form] = what

    def look(self, where, content):
        for needle, what in self.needles.items():
            if needle in content:
                raise Failure("%s has %s" % (where, what))

    def look_everywhere(self, folder, keep):
        count = 0
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path not in keep:
                self.look(path.name, path.read_bytes())
                count += 1
        for where, content in self.said:
            self.look(where, content)
        return count


class Walk:
    def __init__(self, tools, folder):
        kmsctl, self.kmipctl, keyring_tool = tools
        self.tool = Tool(keyring_tool)
        self.folder = pathlib.Path(folder)
        self.given = self.folder / "given"  # what the user keeps secret
        self.given.mkdir(mode=0o700)
        self.ring = Ring(kmsctl, self.folder / "ring")
        self.search = Search()
        self.vault = Vault()
        self.kmip = Kmip(self.kmipctl, self.given / "kmip")
        self.out = self.ring.folder / "out"
        self.out.mkdir(mode=0o700)

    def stop(self):
        self.vault.stop()
        self.kmip.stop()

    def run(self, *arguments, code=0):
        """Runs kmsctl with words and with JSON in mind: all it says is searched later."""
        result = self.ring.run(*arguments, expect=code)
        self.search.said.append((" ".join(map(str, arguments[:3])), result.out + result.err.encode()))
        return result

    def file(self, name, secret):
        path = self.given / name
        path.touch(mode=0o600)
        path.write_text(secret + "\n", encoding="utf-8")
        return path

    def views(self):
        for command in (["kms", "show"], ["kms", "status"], ["fs", "list"], ["events"], ["verify", "--all"],
                        ["fs", "show", "one"]):
            self.run(*command)
            self.run(*command, "--json")

    def snapshot_and_backup(self, name):
        self.run("fs", "snapshot", "one", "--out", self.out / ("snapshot-" + name))
        self.run("fs", "snapshot", "one", "--out", "-")
        self.run("backup", self.out / ("backup-" + name))

    def keep_keys(self):
        """The keys of all filesystems, to be looked for; handed out here and nowhere else."""
        for name in self.ring.filesystems():
            key = self.ring.run("fs", "unlock", name).out
            expect(len(key) == 32, "a key has 32 bytes", name)
            self.search.add("the key of " + name, key)

    # ---- the walk

    def with_tokens(self):
        token = self.vault.call("POST", "auth/token/create", {"policies": ["storage"]})["auth"]["client_token"]
        later = self.vault.call("POST", "auth/token/create", {"policies": ["storage"]})["auth"]["client_token"]
        self.search.add("the token", token.encode())
        self.search.add("the second token", later.encode())
        self.run("kms", "set", "vault", self.vault.address, "fs", "--token", token)
        self.run("fs", "create", "one", "--encrypted")
        self.views()
        self.run("kms", "set", "vault", self.vault.address, "fs", "--token-file", self.file("token", later))
        self.snapshot_and_backup("token")
        # A server that repeats what it was sent, and one that refuses.
        for errors in (["bad token " + later], ["permission denied"]):
            self.vault.fail(prefix="/v1/", status=403, errors=errors)
            for more in ([], ["--json"]):
                self.run("kms", "status", *more, code=3)
                self.run("fs", "create", "none", "--encrypted", *more, code=3)
            self.vault.heal()
        self.vault.fail(prefix="/v1/", status=400, errors=["no token like " + token])
        self.run("kms", "set", "vault", self.vault.address, "fs", "--token", token, code=3)
        self.vault.heal()

    def with_roles(self):
        for role, (_, secret_id) in self.vault.roles.items():
            self.search.add("the secret id of " + role, secret_id.encode())
        role_id, secret_id = self.vault.roles["cluster"]
        self.run("kms", "set", *self.vault.set_options())
        self.run("kms", "set", "vault", self.vault.address, "fs", "--role-id", role_id, "--secret-id-file",
                 self.file("cluster", secret_id))
        self.run("fs", "create", "two", "--encrypted", *self.vault.own_options())
        self.run("fs", "update", "one", *self.vault.own_options())
        self.views()
        self.snapshot_and_backup("role")
        self.run("fs", "download", "three", "--from", self.out / "snapshot-token")
        for errors in (["no " + secret_id], ["invalid secret id"]):
            self.vault.fail(prefix="/v1/auth/", status=400, errors=errors)
            for more in ([], ["--json"]):
                self.run("fs", "create", "none", "--encrypted", *more, code=3)
                self.run("fs", "unlock", "three", *more, code=3)
            self.vault.heal()

    def with_a_passphrase(self):
        plain, sealed = self.given / "kmip" / "client.key", self.given / "client-sealed.key"
        made = subprocess.run(["openssl", "pkcs8", "-topk8", "-in", plain, "-out", sealed, "-passout", "stdin"],
                              input=PASSPHRASE.encode(), capture_output=True, timeout=TIMEOUT, check=False)
        Result(list(map(str, made.args)), made.returncode, made.stdout, made.stderr).expect(0)
        self.search.add("the passphrase", PASSPHRASE.encode())
        for file in plain, sealed:
            for line in file.read_bytes().splitlines()[1:-1]:
                if len(line) >= 16:
                    self.search.add("a line of " + file.name, line)
        key = self.kmip.create_key()
        options = self.kmip.set_options(key)
        options[options.index("--client-key") + 1] = sealed
        options += ["--client-key-passphrase-file", self.file("passphrase", PASSPHRASE)]
        self.run("kms", "set", *options, "--convert-to-cluster-key-on-fs")
        self.run("kms", "rewrap", "--new-key-uid", key)
        self.views()
        self.run("fs", "create", "four", "--encrypted")
        self.snapshot_and_backup("kmip")
        wrong = [self.file("wrong", "not the passphrase") if value == options[-1] else value for value in options]
        self.run("kms", "set", *wrong, code=2)
        self.run("kms", "set", *wrong, "--json", code=2)
        self.run("kms", "rewrap", "--new-key-uid", "nobody", code=6)

    def with_the_local_key(self):
        self.run("kms", "unset", "--allow-downgrade")
        self.run("fs", "create", "five", "--encrypted", "--allow-no-kms")
        self.views()
        self.snapshot_and_backup("local")

    def key_files(self):
        """The only files that may hold a key; what stands in them is looked for elsewhere."""
        files = {self.ring.state / ("keyring.db." + name) for name in ("state-key", "local-key")}
        for file in files:
            self.search.add(file.name, bytes.fromhex(re.search(r"\b[0-9a-f]{64}\b", file.read_text())[0]))
        return files

    # ---- running processes

    def hold(self, *arguments):
        """Looks at a command while the Vault lets it wait; what others can see of it has no secret."""
        self.vault.fail(prefix="/v1/", mode="stall")
        process = self.ring.start(*arguments)
        try:
            self.vault.wait_for_request("")
            proc = pathlib.Path("/proc/%d" % process.pid)
            self.search.look("the command line of " + " ".join(arguments[:2]), (proc / "cmdline").read_bytes())
            limits = (proc / "limits").read_text(encoding="utf-8").splitlines()
            core = [line.split()[4:6] for line in limits if line.startswith("Max core file size")]
            expect(core == [["0", "0"]], "it leaves no core file", core)
        finally:
            process.kill()
            self.ring.end(process)
            self.vault.heal()

    def command_lines(self):
        token = self.vault.token
        self.search.add("the root token", token.encode())
        role_id, secret_id = self.vault.roles["cluster"]
        where = ["kms", "set", "vault", self.vault.address, "fs"]
        self.hold(*where, "--token", token)
        self.hold(*where, "--token=" + token)
        self.hold(*where, "--token-file", str(self.file("root", token)))
        self.hold(*where, "--role-id", role_id, "--secret-id", secret_id)
        self.hold(*where, "--role-id", role_id, "--secret-id=" + secret_id)
        self.run("kms", "set", *self.vault.set_options())
        self.hold("fs", "create", "none", "--encrypted", *self.vault.own_options())
        self.hold("fs", "download", "none", "--from", str(self.out / "snapshot-token"), *self.vault.own_options())


def main():
    tools = sys.argv[1:4]
    vault_server.use_system_python()
    with tempfile.TemporaryDirectory(prefix="keyway-secrets-") as folder:
        walk = Walk(tools, folder)
        try:
            walk.with_tokens()
            reader = sqlite3.connect(walk.ring.database)  # as long as it reads, the write-ahead log stays
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM filesystem").fetchall()
            walk.with_roles()
            walk.keep_keys()
            walk.with_a_passphrase()
            walk.keep_keys()
            walk.with_the_local_key()
            walk.keep_keys()
            walk.command_lines()
            log = walk.ring.state / "keyring.db-wal"
            expect(log.stat().st_size > 0, "there is a write-ahead log to look into")
            count = walk.search.look_everywhere(walk.ring.folder, walk.key_files())
            reader.close()
        finally:
            walk.stop()
        print("%d forms of secrets are in none of %d files and %d outputs" % (
            len(walk.search.needles), count, len(walk.search.said)))


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
