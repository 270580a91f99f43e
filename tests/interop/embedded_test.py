#!/usr/bin/env python3
"""Holds the conversation with the embedded server at KMIP 1.0 to 2.1.

usage: embedded_test.py KMIPCTL
"""
import pathlib
import sys
import tempfile

from conversation import Failure, hold_at_every_version
from dev_server import DevServer

VERSIONS = ["1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1"]


def main():
    kmipctl = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="keyway-embedded-") as name:
        folder = pathlib.Path(name)
        server = DevServer(kmipctl, folder / "server")
        try:
            hold_at_every_version(kmipctl, server.settings(), folder, VERSIONS, has_everything=True)
        finally:
            code = server.stop()
        if code != 0:
            raise Failure("the server ended with %d" % code)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
