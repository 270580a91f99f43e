#!/usr/bin/env python3
"""A server that answers as HashiCorp Vault and OpenBao do, for tests. See README.md beside it.

Needs python3-cryptography. Prints one line of JSON when it listens, and ends on SIGTERM.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import ssl
import sys
import threading

from core import Vault
from dialect import DIALECTS
from front import Connection, Front
from node import Node

DEFAULT_MAX_REQUEST_SIZE = 33554432


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A Vault for tests. It keeps nothing secret.")
    parser.add_argument("--dialect", required=True, choices=sorted(DIALECTS))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--unix", metavar="PATH", help="listen on a Unix socket in place of TCP")
    parser.add_argument("--tls-cert", metavar="FILE")
    parser.add_argument("--tls-key", metavar="FILE")
    parser.add_argument("--client-ca", metavar="FILE", help="clients need a certificate of this authority")
    parser.add_argument("--state", metavar="FILE", help="everything is kept here over a restart")
    parser.add_argument("--root-token", default="")
    parser.add_argument("--test-controls", action="store_true", help="answer below /_test/")
    parser.add_argument("--dev-transit", action="store_true", help="mount transit/ at the start")
    parser.add_argument("--uninitialised", action="store_true", help="as before sys/init")
    parser.add_argument("--nodes", type=int, default=1, help="nodes that share one storage; the first is active")
    parser.add_argument("--forward", action="store_true", help="standby nodes forward in place of redirecting")
    parser.add_argument("--max-request-size", type=int, default=DEFAULT_MAX_REQUEST_SIZE, metavar="BYTES")
    parser.add_argument("--stop-clock-at", type=float, metavar="SECONDS", help="Unix time; tests advance it")
    parser.add_argument("--until-stdin-closes", action="store_true")
    arguments = parser.parse_args()
    if arguments.tls_cert and not arguments.tls_key or arguments.client_ca and not arguments.tls_cert:
        parser.error("--tls-cert and --tls-key belong together, and --client-ca needs them")
    return arguments


def open_vault(arguments: argparse.Namespace) -> Vault:
    if arguments.state and os.path.exists(arguments.state):
        vault = Vault.load(arguments.state)
        vault.dialect = DIALECTS[arguments.dialect]  # a server may be upgraded
        if arguments.stop_clock_at is not None:
            vault.clock.stop(arguments.stop_clock_at)
        return vault
    vault = Vault(DIALECTS[arguments.dialect], arguments.root_token, arguments.state or "",
                  not arguments.uninitialised, arguments.stop_clock_at)
    if arguments.dev_transit:
        vault.mount("transit/", "transit")
    vault.save()
    return vault


def tls_context(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if not arguments.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    context.set_alpn_protocols(["http/1.1"])
    if arguments.client_ca:
        context.load_verify_locations(arguments.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def listen(arguments: argparse.Namespace, front: Front, index: int) -> str:
    loop = asyncio.get_running_loop()
    if arguments.unix:
        path = arguments.unix + ("" if index == 0 else ".%d" % index)
        if os.path.exists(path):
            os.unlink(path)
        await loop.create_unix_server(lambda: Connection(front), path, backlog=1024)
        return "unix://" + path
    port = arguments.port + index if arguments.port else 0
    server = await loop.create_server(lambda: Connection(front), arguments.host, port, backlog=1024)
    host = "[%s]" % arguments.host if ":" in arguments.host else arguments.host
    return "%s://%s:%d" % ("https" if front.tls else "http", host, server.sockets[0].getsockname()[1])


async def serve(arguments: argparse.Namespace) -> None:
    vault = open_vault(arguments)
    tls = tls_context(arguments)
    cluster: list[Node] = []
    for index in range(arguments.nodes):
        node = Node(vault, cluster, arguments.forward)
        node.address = await listen(arguments, Front(node, arguments.test_controls, arguments.max_request_size, tls),
                                    index)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    if arguments.until_stdin_closes:
        threading.Thread(target=wait_for_stdin, args=(loop, over), daemon=True).start()
    print(json.dumps({"address": cluster[0].address, "addresses": [node.address for node in cluster],
                      "root_token": vault.root_token, "unseal_key": vault.unseal_key}), flush=True)
    await over.wait()


def wait_for_stdin(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(over.set)


if __name__ == "__main__":
    try:
        asyncio.run(serve(parse_arguments()))
    except (OSError, ssl.SSLError) as error:
        sys.exit("server.py: %s" % error)
