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

    def __init__(self, kmipctl, settings, folder, version, has_everything=False):
        self.kmipctl = kmipctl
        self.folder = pathlib.Path(folder)
        self.version = version
        self.has_everything = has_everything  # every operation of kmipctl's commands, as our own server
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
        self.attributes(key, name)
        if self.version >= "1.2":
            self.sign_and_verify(name)
            self.authenticate(name)
        if self.has_everything:
            self.keep_and_replace(name)
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

    def attributes(self, key, name):
        """Changes of attributes that both our server and PyKMIP's take, which is little in 1.x."""
        current = ["--current", name] if self.version >= "2.0" else ["--index", "0"]
        self.run("modify-attribute", key, "Name", name + "-new", *current)
        self.check(self.run("locate", "--name", name + "-new").decode().split() == [key], "modify-attribute")
        self.run("add-attribute", key, "State", "Actve", expect=2)
        if self.has_everything:
            self.run("add-attribute", key, "x-colour", "red")
            self.check(b"red" in self.run("attributes", key, "--name", "x-colour"), "add-attribute")
            self.run("delete-attribute", key, "x-colour")
            self.check(b"red" not in self.run("attributes", key), "delete-attribute")
        spare = self.identifier("create", "--name", name + "-sensitive")
        self.run("set-attribute", spare, "Sensitive", "true", expect=0 if self.version >= "2.0" else 3)

    def sign_and_verify(self, name):
        private, public = self.run("create-key-pair", "--name", name, "--activate").decode().split()
        data = self.folder / "data"
        signature = self.folder / "signature"
        data.write_bytes(b"what is signed")
        algorithm = ["--algorithm", "SHA_256WithRSAEncryption"]
        self.run("sign", "--key", private, "--in", str(data), "--out", str(signature), *algorithm)
        verify = ["verify", "--key", public, "--signature", str(signature), *algorithm]
        self.check(self.run(*verify, "--in", str(data)) == b"Valid\n", "sign, verify")
        self.check(self.run(*verify, given=b"something else", expect=5) == b"Invalid\n", "verify something else")

    def authenticate(self, name):
        key = self.identifier("create", "--name", name + "-mac", "--usage", "MACGenerate,MACVerify", "--activate")
        code = self.run("mac", "--key", key, "--algorithm", "HMAC_SHA256", given=b"data")
        self.check(len(code.strip()) == 64, "mac")

    def keep_and_replace(self, name):
        """What PyKMIP's server has not: the other operations, against our own."""
        key = self.identifier("create", "--name", name + "-kept", "--activate")
        self.check(self.identifier("rekey", key) not in ("", key), "rekey gives another key")
        self.run("archive", key)
        self.run("get", key, expect=3)
        self.run("recover", key)
        self.run("check", key, "--usage", "Encrypt")
        self.run("check", key, "--usage", "Sign", expect=3)
        if self.version < "1.2":
            return
        self.check(self.run("hash", given=b"abc").startswith(b"ba7816bf8f01cfea"), "hash")
        self.check(len(self.run("rng", "16").strip()) == 32, "rng")
        secret = self.identifier("register", "--type", "secret-data", "--activate", given=b"something to derive from")
        derived = self.identifier("derive", secret, "--salt", "0011223344556677", "--iterations", "1000", "--activate")
        self.run("get", derived)
        if self.version < "1.4":
            return
        spare = self.identifier("create")
        exported = self.run("export", spare)
        self.run("destroy", spare)
        moved = self.identifier("import", "--id", name + "-moved", given=exported)
        self.check(self.run("get", moved, "--out", "-") in exported, "export, import")
        self.identifier("import", "--id", name + "-copy", "--name", name + "-copied", given=self.run("export", key))
        self.check(self.run("locate", "--name", name + "-copied").decode().split() == [name + "-copy"], "import --name")

    def register(self):
        material = secrets.token_bytes(32)
        own = self.identifier("register", "-", given=material)
        self.run("get", own, "--out", str(self.folder / "own.bin"))
        self.check((self.folder / "own.bin").read_bytes() == material, "register, get")

    def check(self, good, what):
        if not good:
            raise Failure("KMIP %s: %s" % (self.version, what))


def hold_at_every_version(kmipctl, settings, folder, versions, has_everything=False):
    """Holds the conversation at each version, and opens each version's wrapped key at every later one."""
    made = []
    for version in versions:
        conversation = Conversation(kmipctl, settings, folder, version, has_everything)
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
