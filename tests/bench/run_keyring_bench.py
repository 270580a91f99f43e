#!/usr/bin/env python3
"""Creates, unlocks, rewraps and lists many filesystems: against a Vault, and against the embedded KMIP server.

usage: run_keyring_bench.py KEYRING_BENCH KMSCTL KMIPCTL [COUNT]...      (100 10000 100000)

The Vault is the one that KEYWAY_TEST_VAULT_ADDR and KEYWAY_TEST_VAULT_TOKEN name, or else the test Vault. Each step is a
process of its own, so that its peak of memory is its own.
"""
import json
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
from dev_server import DevServer  # noqa: E402  (found by the line above)
from vault_server import Client, Server  # noqa: E402


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Ring:
    """A keyring in a folder, its steps measured and printed."""

    def __init__(self, tools, folder, kms):
        self.bench, self.kmsctl = tools
        self.folder, self.kms = folder, kms
        self.database = folder / "keyring.db"

    def set(self, *options):
        run(self.kmsctl, "--json", "kms", "set", *options, "--db", str(self.database))

    def step(self, name, *arguments):
        done, seconds, rate, memory = run(self.bench, str(self.database), name, *arguments).split()
        self.print(name, done, float(seconds), rate, memory + " MB")

    def list(self, count):
        begin = time.monotonic()
        listed = json.loads(run(self.kmsctl, "--json", "fs", "list", "--db", str(self.database)))["filesystems"]
        if len(listed) != count:
            sys.exit("%d listed" % len(listed))
        seconds = time.monotonic() - begin
        size = sum(path.stat().st_size for path in self.folder.glob("keyring.db*"))
        self.print("list", count, seconds, "%d" % (count / seconds), "%d bytes each on the disk" % (size / count))

    def print(self, name, count, seconds, rate, rest):
        print("%-6s %-8s %8s %9.2f s %9s/s   %s" % (self.kms, name, count, seconds, rate, rest), flush=True)


def with_vault(tools, folder, count, address, root):
    client = Client(address)
    mount = "keyway-bench-" + secrets.token_hex(4)
    for path, body in (("sys/mounts/" + mount, {"type": "transit"}), (mount + "/keys/cluster", {})):
        client.call("POST", path, root, body)
    token = folder / "token"
    token.touch(0o600)
    token.write_text(root + "\n")
    ring = Ring(tools, folder, "vault")
    ring.set("vault", address, "cluster", "--transit-path", mount, "--token-file", str(token))
    ring.step("create", str(count))
    ring.step("unlock")
    client.call("POST", mount + "/keys/cluster/rotate", root, {})
    ring.step("rewrap")
    ring.list(count)
    client.call("DELETE", "sys/mounts/" + mount, root)


def with_kmip(tools, folder, count, kmipctl):
    server = DevServer(kmipctl, folder / "server")
    try:
        environment = {**os.environ, **server.settings()}
        keys = [subprocess.run([kmipctl, "create", "--algorithm", "AES", "--length", "256", "--activate"], env=environment,
                               check=True, stdout=subprocess.PIPE, text=True).stdout.strip() for _ in range(2)]
        ring = Ring(tools, folder, "kmip")
        ring.set("kmip", environment["KMIP_SERVER"], keys[0], "--client-cert", environment["KMIP_CLIENT_CERT"],
                 "--client-key", environment["KMIP_CLIENT_KEY"], "--ca-cert", environment["KMIP_CA"])
        ring.step("create", str(count))
        ring.step("unlock")
        ring.step("rewrap", keys[1])
        ring.list(count)
    finally:
        server.stop()


def main():
    bench, kmsctl, kmipctl = (os.path.abspath(path) for path in sys.argv[1:4])
    counts = [int(text) for text in sys.argv[4:]] or [100, 10_000, 100_000]
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="keyway-bench-") as folder:
            if "KEYWAY_TEST_VAULT_ADDR" in os.environ:
                with_vault((bench, kmsctl), pathlib.Path(folder), count, os.environ["KEYWAY_TEST_VAULT_ADDR"],
                           os.environ["KEYWAY_TEST_VAULT_TOKEN"])
            else:
                with Server("1.10") as vault:
                    with_vault((bench, kmsctl), pathlib.Path(folder), count, vault.facts["address"], vault.root)
        with tempfile.TemporaryDirectory(prefix="keyway-bench-") as folder:
            with_kmip((bench, kmsctl), pathlib.Path(folder), count, kmipctl)


if __name__ == "__main__":
    main()
