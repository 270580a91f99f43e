#!/usr/bin/env python3
"""Holds the conversation with PyKMIP's server (Debian: python3-pykmip) at every version it speaks.

usage: pykmip_test.py KMIPCTL PYKMIP_SERVER
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from conversation import Failure, hold_at_every_version
from dev_server import DevServer

VERSIONS = ["1.0", "1.1", "1.2", "1.3", "1.4", "2.0"]
START = 60  # seconds a server may take to listen

CONFIGURATION = """[server]
hostname=127.0.0.1
port={port}
certificate_path={folder}/server.pem
key_path={folder}/server.key
ca_path={folder}/ca.pem
auth_suite=TLS1.2
enable_tls_client_auth=True
logging_level=WARNING
database_path={folder}/pykmip.db
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(program, folder):
    """Starts PyKMIP and waits until it listens; another process may take a free port first, hence the retries."""
    for _ in range(3):
        port = free_port()
        (folder / "pykmip.conf").write_text(CONFIGURATION.format(port=port, folder=folder))
        log = open(folder / "pykmip.out", "wb")
        server = subprocess.Popen([program, "-f", str(folder / "pykmip.conf"), "-l", str(folder / "pykmip.log")],
                                  stdout=log, stderr=log, cwd=folder, start_new_session=True)
        end = time.monotonic() + START
        while server.poll() is None and time.monotonic() < end:
            if is_listening(port):
                return server, port
            time.sleep(0.05)
        stop(server)
    raise Failure("PyKMIP did not start: %s" % (folder / "pykmip.out").read_text()[-2000:])


def stop(server):
    """Ends the server and its helper processes, which outlive it otherwise."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    server.wait()


def main():
    kmipctl, program = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix="keyway-pykmip-") as name:
        folder = pathlib.Path(name)
        maker = DevServer(kmipctl, folder / "certificates")  # for its certificates only
        maker.stop()
        server, port = start(program, folder / "certificates")
        try:
            hold_at_every_version(kmipctl, maker.settings("127.0.0.1:%d" % port), folder, VERSIONS)
        finally:
            stop(server)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
