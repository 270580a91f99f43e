#!/usr/bin/env python3
"""Runs a test program against the test Vault of a dialect, over plain HTTP, TLS, or a unix-domain socket.

usage: vault_suite.py KMIPCTL PROGRAM DIALECT http|https|unix
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from dev_server import DevServer
from vault_server import Server


def main():
    kmipctl, program, dialect, transport = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        options, environment = [], {}
        if transport == "https":
            # The KMIP development server's certificates are as good as any.
            maker = DevServer(kmipctl, pathlib.Path(folder))
            maker.stop()
            options = ["--tls-cert", folder + "/server.pem", "--tls-key", folder + "/server.key"]
            environment = {"KEYWAY_TEST_VAULT_CACERT": folder + "/ca.pem"}
        elif transport == "unix":
            options = ["--unix", folder + "/vault.sock"]
        with Server(dialect, *options) as vault:
            environment.update(KEYWAY_TEST_VAULT_ADDR=vault.facts["address"], KEYWAY_TEST_VAULT_TOKEN=vault.root)
            return subprocess.run([program], env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
