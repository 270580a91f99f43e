"""Starts the test Vault (tests/servers/vault) for a test; it ends with it."""
import json
import pathlib
import subprocess

SERVER = pathlib.Path(__file__).resolve().parent.parent / "servers" / "vault" / "server.py"


class TestVault:
    def __init__(self, dialect, *options):
        # Debian's python: python3-cryptography is its package.
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(SERVER), "--dialect", dialect, "--port", "0", "--until-stdin-closes", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the test Vault ended with %s" % self.process.wait())
        said = json.loads(line)
        self.address, self.root_token = said["address"], said["root_token"]

    def environment(self):
        return {"KEYWAY_TEST_VAULT_ADDR": self.address, "KEYWAY_TEST_VAULT_TOKEN": self.root_token}

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(timeout=30)
