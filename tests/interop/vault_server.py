"""Starts the test Vault and talks to it."""
import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import urllib.parse

SERVER = pathlib.Path(__file__).resolve().parents[1] / "servers" / "vault" / "server.py"
START = 60    # seconds the server may take to listen
ANSWER = 60   # seconds one answer may take
SKIPPED = 77  # what meson takes for a skipped test


class Failure(Exception):
    pass


def system_python():
    """The interpreter that has python3-cryptography: this one, or the system's. None if neither does."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and subprocess.run([python, "-c", "import cryptography"], capture_output=True,
                                                     check=False).returncode == 0:
            return python
    return None


def use_system_python():
    """Starts this test again with the interpreter that has what it needs; ends as skipped if there is none."""
    python = system_python()
    if python is None:
        print("skipped: python3-cryptography is not installed")
        sys.exit(SKIPPED)
    if python != sys.executable:
        os.execv(python, [python, *sys.argv])


class Reply:
    def __init__(self, status, reason, headers, body):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body

    def json(self):
        return json.loads(self.body)

    def error(self):
        """The one text in `errors`, or "" when the list is empty."""
        return "".join(self.json()["errors"])


class Client:
    """A keep-alive connection to one address."""

    def __init__(self, address, context=None):
        self.address = address
        self.context = context
        self.parts = urllib.parse.urlsplit(address)
        self.connection = None

    def host(self):
        return self.parts.hostname, self.parts.port

    def _open(self, timeout):
        if self.connection is None:
            if self.parts.scheme == "unix":
                self.connection = http.client.HTTPConnection("localhost", timeout=timeout)
                self.connection.sock = socket.socket(socket.AF_UNIX)
                self.connection.sock.connect(self.parts.path)
            elif self.parts.scheme == "https":
                self.connection = http.client.HTTPSConnection(*self.host(), timeout=timeout, context=self.context)
            else:
                self.connection = http.client.HTTPConnection(*self.host(), timeout=timeout)
        self.connection.timeout = timeout
        if self.connection.sock:
            self.connection.sock.settimeout(timeout)
        return self.connection

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def send(self, method, target, headers=None, body=None, timeout=ANSWER):
        """Sends bytes as they are. OSError or http.client.HTTPException when no answer comes."""
        connection = self._open(timeout)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in (headers or {}):
                connection.putheader("Content-Length", str(len(body)))
            try:
                connection.endheaders(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the answer may have come before the whole body was sent
            answer = connection.getresponse()
            reply = Reply(answer.status, answer.reason, dict(answer.getheaders()), answer.read())
        except (OSError, http.client.HTTPException, ssl.SSLError):
            self.close()
            raise
        if reply.headers.get("Connection") == "close":
            self.close()
        return reply

    def call(self, method, path, token=None, body=None, headers=None):
        """`path` is below /v1/; `body` becomes JSON."""
        sent = dict(headers or {})
        if token:
            sent["X-Vault-Token"] = token
        return self.send(method, "/v1/" + path, sent, None if body is None else json.dumps(body).encode())

    def control(self, name, /, **fields):
        """A test control; gives its JSON."""
        reply = self.send("POST", "/_test/" + name, {}, json.dumps(fields).encode())
        if reply.status >= 300:
            raise Failure("test control %s: %s" % (name, reply.body.decode()))
        return json.loads(reply.body) if reply.body else None


class Server:
    """A test Vault that ends with its test."""

    def __init__(self, dialect, *options, context=None):
        self.process = subprocess.Popen(
            [system_python(), "-B", str(SERVER), "--dialect", dialect, "--test-controls", "--until-stdin-closes",
             *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise Failure("the test Vault did not start (dialect %s)" % dialect)
        self.facts = json.loads(line)
        self.root = self.facts["root_token"]
        self.nodes = [Client(address, context) for address in self.facts["addresses"]]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def client(self):
        return self.nodes[0]

    def stop(self):
        for node in self.nodes:
            node.close()
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(START)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
