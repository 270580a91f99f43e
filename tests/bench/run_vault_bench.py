#!/usr/bin/env python3
"""Runs the Vault benchmark against the server that KEYWAY_TEST_VAULT_ADDR names, or else against the test Vault.

usage: run_vault_bench.py PROGRAM [ARGUMENT...]
"""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
from vault_server import Server  # noqa: E402  (found by the line above)


def main():
    command = sys.argv[1:]
    if "KEYWAY_TEST_VAULT_ADDR" in os.environ:
        return subprocess.run(command, check=False).returncode
    print("against the test Vault, whose own time is most of every figure", flush=True)
    with Server("1.10") as vault:
        named = {"KEYWAY_TEST_VAULT_ADDR": vault.facts["address"], "KEYWAY_TEST_VAULT_TOKEN": vault.root}
        return subprocess.run(command, env={**os.environ, **named}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
