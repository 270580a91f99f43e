#!/usr/bin/env python3
"""Walks a keyring through PyKMIP's server (Debian: python3-pykmip): keys, snapshots, and a change of the key.

usage: pykmip_keyring_test.py KMSCTL KMIPCTL PYKMIP_SERVER
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "durability"))

import pykmip_test  # noqa: E402 (needs the path above)
from ring import Failure, Kmip, Ring, expect  # noqa: E402

NAMES = ["fs-%d" % i for i in range(5)]


def walk(ring, kmip):
    former, new = kmip.create_key(), kmip.create_key()
    ring.run("kms", "set", *kmip.set_options("none-such"), expect=6)
    ring.run("kms", "status", expect=0)
    ring.run("kms", "set", *kmip.set_options(former))
    for name in NAMES:
        ring.run("fs", "create", name, "--encrypted")
    before = ring.check()
    expect(set(before) == set(NAMES) and len(set(before.values())) == len(NAMES), "each has a key of its own", before)
    older = ring.folder / "older-snapshot"
    ring.run("fs", "snapshot", NAMES[0], "--out", older)

    ring.run("kms", "rewrap", expect=2)
    ring.run("kms", "rewrap", "--new-key-uid", "none-such", expect=6)
    expect(ring.run("kms", "rewrap", "--new-key-uid", new, "--dry-run", "--json").json()["done"] == len(NAMES),
           "a dry run counts")
    report = ring.run("kms", "rewrap", "--new-key-uid", new, "--json").json()
    expect((report["done"], report["left"], report["former_key"]) == (len(NAMES), 0, former), "all have moved", report)
    report = ring.run("kms", "rewrap", "--new-key-uid", new, "--json").json()
    expect((report["done"], report["already"]) == (0, len(NAMES)), "a second time nothing is left to do", report)
    expect(ring.check() == before, "every key is what it was")
    expect({row["key"] for row in ring.filesystems().values()} == {new}, "all are under the new key")

    ring.run("fs", "download", "copy", "--from", older)
    ring.run("fs", "update", "fs-1", "--new-name", "renamed")
    ring.run("fs", "remove", "fs-2", "--force")
    after = ring.check()
    expect(after["copy"] == before["fs-0"], "the older snapshot's key is that of its filesystem")
    expect(after["renamed"] == before["fs-1"] and "fs-2" not in after, "rename and remove", set(after))
    ring.run("kms", "unset", expect=2)
    ring.run("kms", "unset", "--allow-downgrade")
    expect(ring.check() == after, "under the local key every key is what it was")


def main():
    kmsctl, kmipctl, program = sys.argv[1:4]
    with tempfile.TemporaryDirectory(prefix="keyway-pykmip-") as name:
        folder = pathlib.Path(name)
        certificates = folder / "certificates"
        # Our own server makes the certificates.
        Kmip(kmipctl, certificates).stop()
        server, port = pykmip_test.start(program, certificates)
        try:
            walk(Ring(kmsctl, folder / "ring"), Kmip(kmipctl, certificates, "127.0.0.1:%d" % port))
        finally:
            pykmip_test.stop(server)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
