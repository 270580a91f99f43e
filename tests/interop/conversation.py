"""The conversation every KMIP server has to hold with kmipctl, at one protocol version."""
import os
import pathlib
import secrets
import subprocess

TIMEOUT = 60  # seconds for one command


class Failure(Exception):
    pass


class Conversation:
    """Runs kmipctl against one server. `settings` are the KMIP_ variables that name it."""

    def __init__(self, kmipctl, settings, folder, version):
        self.kmipctl = kmipctl
        self.folder = pathlib.Path(folder)
        self.version = version
        self.environment = {n: v for n, v in os.environ.items() if not n.startswith("KMIP")}
        self.environment.update(settings, KMIP_VERSION=version, XDG_CONFIG_HOME=str(folder))

    def run(self, *arguments, given=b"", expect=0):
        result = subprocess.run([self.kmipctl, *arguments], input=given, capture_output=True, env=self.environment,
                                timeout=TIMEOUT, check=False)
        if result.returncode != expect:
            raise Failure("KMIP %s: kmipctl %s ended with %d where %d is expected: %s" % (
                self.version, " ".join(arguments), result.returncode, expect, result.stderr.decode(errors="replace")))
        return result.stdout

    def identifier(self, *arguments, given=b""):
        return self.run(*arguments, given=given).decode().strip()

    def hold(self):
        """Everything from create to destroy. Returns a wrapped key and what is in it, for other versions."""
        name = "conversation-%s-%s" % (self.version, secrets.token_hex(4))
        key = self.identifier("create", "--algorithm", "AES", "--length", "256", "--name", name, "--activate")
        self.check(self.run("locate", "--name", name).decode().split() == [key], "locate by name")
        self.check(b"State: Active" in self.run("attributes", key), "attributes show the state")
        self.run("get", key, "--out", str(self.folder / "got.bin"))
        self.check((self.folder / "got.bin").stat().st_size == 32, "get gives 32 bytes")
        if self.version >= "1.2":
            plain = secrets.token_bytes(100)
            sealed = self.run("encrypt", "--mode", "CBC", "--key", key, given=plain)
            self.check(self.run("decrypt", "--mode", "CBC", "--key", key, given=sealed) == plain, "encrypt, decrypt")
        wrapped, data_key = self.wrap_and_unwrap(key, name)
        self.register()
        spare = self.identifier("create", "--name", name + "-spare", "--activate")
        self.run("revoke", spare, "--reason", "CessationOfOperation")
        self.run("destroy", spare)
        return wrapped, data_key

    def wrap_and_unwrap(self, key, name):
        data_key = secrets.token_bytes(32)
        wrapped = self.run("wrap", "--key", "name:" + name, given=data_key)
        self.check(self.run("unwrap", given=wrapped) == data_key, "wrap, unwrap")
        other = self.identifier("create", "--name", name + "-next", "--activate")
        moved = self.run("rewrap", "--new-key", other, given=wrapped)
        self.check(self.run("unwrap", given=moved) == data_key, "rewrap, unwrap")
        here = self.run("wrap", "--wrap-where", "client", "--key", key, given=data_key)
        self.check(self.run("unwrap", given=here) == data_key, "wrap with the fetched key, unwrap")
        self.check(self.run("unwrap", given=wrapped[:-10], expect=5) == b"", "a cut blob gives nothing")
        idle = self.identifier("create", "--name", name + "-idle")
        self.run("wrap", "--key", idle, given=data_key, expect=3)
        self.run("wrap", "--key", "name:nobody", given=data_key, expect=6)
        return wrapped, data_key

    def register(self):
        material = secrets.token_bytes(32)
        own = self.identifier("register", "-", given=material)
        self.run("get", own, "--out", str(self.folder / "own.bin"))
        self.check((self.folder / "own.bin").read_bytes() == material, "register, get")

    def check(self, good, what):
        if not good:
            raise Failure("KMIP %s: %s" % (self.version, what))


def hold_at_every_version(kmipctl, settings, folder, versions):
    """Holds the conversation at each version, and opens each version's wrapped key at every later one."""
    made = []
    for version in versions:
        conversation = Conversation(kmipctl, settings, folder, version)
        made.append((version, *conversation.hold()))
        for earlier, wrapped, data_key in made:
            conversation.check(conversation.run("unwrap", given=wrapped) == data_key,
                               "a key wrapped at %s opens" % earlier)
        print("KMIP %s: the whole conversation, and %d wrapped keys of this and earlier versions" % (
            version, len(made)), flush=True)
    # At an earlier version a blob opens, or the error names the version that it needs.
    for version in versions:
        conversation = Conversation(kmipctl, settings, folder, version)
        for later, wrapped, data_key in made:
            if later <= version:
                continue
            result = subprocess.run([kmipctl, "unwrap"], input=wrapped, capture_output=True,
                                    env=conversation.environment, timeout=TIMEOUT, check=False)
            opened = result.returncode == 0 and result.stdout == data_key
            explained = result.returncode == 3 and not result.stdout and b"KMIP 1." in result.stderr
            conversation.check(opened or explained, "a key wrapped at %s opens or says what it needs: %d %s" % (
                later, result.returncode, result.stderr.decode(errors="replace")))
