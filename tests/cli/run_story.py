#!/usr/bin/env python3
"""Runs a command-line story: a text file of commands and what they have to print.

usage: run_story.py KMIPCTL KMSCTL VAULT STORY [NAME=VALUE]...     (VAULT: the test Vault's server.py)

A story's lines:
  # text               a comment
  server [OPTIONS]     start `kmipctl dev-server`; the environment then names it
  vault DIALECT [OPTIONS]  start a test Vault with a transit engine; VAULT_ADDR and VAULT_TOKEN then name it, and
                       $ROOT is its root token. DIALECT `real` is the throw-away server that KEYWAY_TEST_VAULT_ADDR and
                       KEYWAY_TEST_VAULT_TOKEN name (and KEYWAY_TEST_VAULT_CACERT): transit/ and approle/ must not be mounted
                       there, and are gone afterwards. $CA is ` --vault-ca-cert FILE` where that is needed
  test-vault LINE      the line is for the test Vault only
  api METHOD PATH [JSON] [=> NAME FIELD.FIELD]  ask that Vault with $ROOT, below /v1/ unless PATH begins with a
                       slash, and keep a field of its answer; METHOD is WRAP for a POST whose answer is wrapped
  file NAME SIZE       make a file of SIZE random bytes (0: empty)
  text NAME WORDS      make a file of one line
  field NAME FILE KEY  keep a member of a JSON document
  more NAME WORDS      add a line to it
  join TO A B          make a file of two others
  encrypt NAME WORD TO  copy a private key (PEM), encrypted under a passphrase
  flip NAME AT TO      copy the file NAME to TO with the lowest bit of byte AT changed (AT below 0: from the end)
  cut NAME N TO        copy the first N bytes (N below 0: all but the last -N)
  move NAME TO         give a file another name, which may be that of another file; `drop NAME` removes one
  folder NAME          make a folder
  sql NAME STATEMENT   change an SQLite database
  hold NAME            have an SQLite database open, so that its -wal file stays, until the line `idle`
  busy NAME            write to an SQLite database, without an end until the line `idle`
  chmod NAME OCTAL     give a file other permissions
  set NAME VALUE       set an environment variable for what follows; no VALUE unsets it
  $ kmipctl ...        run it, or kmsctl; `< FILE` and `> FILE` redirect, `=> NAME` keeps stdout in the variable NAME
  type WORDS           what a person is going to type
  % kmsctl ...         run it at a terminal, where the lines so far are typed; what it shows is its stdout
  & kmsctl ...         run it in the background; `until REGEX` waits for a line of its stdout, `interrupt` ends it with
                       SIGINT, after which its result can be looked at
  ? N                  the last command ended with N (0 is expected where nothing is said)
  out REGEX            a line of its stdout matches
  lacks REGEX          no line of its stdout matches
  err REGEX            its stderr matches
  hides TEXT           neither its stdout nor its stderr has TEXT
  same A B             two files are equal
  empty NAME           the file is empty or does not exist
  mode NAME OCTAL      the file has this mode
  absent NAME TEXT     the file, which exists, has no such text in it; NAME may have stars, for several files
  has NAME REGEX       a line of the file matches
  equal ONE OTHER      two words are equal
  stop-if-root         the rest is for users who are held to permissions
Variables are written $NAME. Everything runs in a temporary folder.
"""
import json
import os
import pathlib
import pty
import re
import secrets
import shlex
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

TIMEOUT = 60  # seconds for one command, so that a hanging one ends the test


class Failure(Exception):
    pass


class End(Exception):
    """The story ends here, and well."""


class Background:
    """A command that runs while the story goes on; what it prints is collected."""

    def __init__(self, arguments, folder, environment):
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, cwd=folder, env=environment, start_new_session=True)
        self.printed = {"stdout": b"", "stderr": b""}
        self.threads = [threading.Thread(target=self.collect, args=(name,)) for name in self.printed]
        for thread in self.threads:
            thread.start()

    def collect(self, name):
        pipe = getattr(self.process, name)
        while piece := os.read(pipe.fileno(), 65536):
            self.printed[name] += piece

    def until(self, regex):
        end = time.monotonic() + TIMEOUT
        while not re.search(regex, self.printed["stdout"].decode(errors="replace"), re.MULTILINE):
            if time.monotonic() > end or (self.process.poll() is not None and not self.threads[0].is_alive()):
                raise Failure("it did not print it; stdout: %r, stderr: %r" % (self.printed["stdout"],
                                                                             self.printed["stderr"]))
            time.sleep(0.02)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=TIMEOUT)
        for thread in self.threads:
            thread.join()
        return subprocess.CompletedProcess(self.process.args, self.process.returncode, **self.printed)


class Story:
    def __init__(self, tools, vault, folder):
        self.tools = tools  # name: path
        self.vault_server = vault
        self.folder = folder
        self.environment = {n: v for n, v in os.environ.items() if not n.startswith(("KMIP", "KMS", "VAULT", "XDG_"))}
        self.environment["HOME"] = str(folder)
        self.variables = {"CA": ""}
        self.result = None
        self.expected = 0
        self.typed = ""
        self.background = None
        self.writer = None
        self.is_real = False
        self.servers = []
        self.vaults = []

    def close(self):
        if self.is_real:
            self.leave_real_vault()
        if self.background:
            self.background.end()
        if self.writer:
            self.writer.close()
        for server in self.servers:
            server.send_signal(signal.SIGTERM)
        for server in self.servers:
            if server.wait(timeout=30) != 0:
                raise Failure("the server ended with %d" % server.returncode)
        for vault in self.vaults:
            vault.stdin.close()
        for vault in self.vaults:
            if vault.wait(timeout=30) != 0:
                raise Failure("the test Vault ended with %d" % vault.returncode)

    def expand(self, text):
        for name in sorted(self.variables, key=len, reverse=True):
            text = text.replace("$" + name, self.variables[name])
        return text

    def path(self, name):
        return self.folder / self.expand(name)

    def settle(self):
        """Checks the exit code of the last command, once all that is said about it has been read."""
        if self.result is not None and self.result.returncode != self.expected:
            raise Failure("ended with %d where %d is expected; stderr: %s" % (
                self.result.returncode, self.expected, self.result.stderr.decode(errors="replace")))
        self.result, self.expected = None, 0

    def command(self, line):
        words = shlex.split(self.expand(line))
        redirect = {}
        for mark in ("=>", "<", ">"):
            if mark in words:
                at = words.index(mark)
                redirect[mark] = words[at + 1]
                del words[at:at + 2]
        words[0] = self.tool(words[0])
        given = self.path(redirect["<"]).read_bytes() if "<" in redirect else b""
        # A session of its own has no terminal: what asks at one fails, wherever the stories run.
        self.result = subprocess.run(words, input=given, capture_output=True, cwd=self.folder,
                                     env=self.environment, timeout=TIMEOUT, check=False,
                                     start_new_session=True)
        if ">" in redirect:
            self.path(redirect[">"]).write_bytes(self.result.stdout)
        if "=>" in redirect:
            self.variables[redirect["=>"]] = self.result.stdout.decode().strip()

    def tool(self, name):
        if name not in self.tools:
            raise Failure("only %s can be run: %s" % (" and ".join(self.tools), name))
        return self.tools[name]

    def at_terminal(self, line):
        words = shlex.split(self.expand(line))
        words[0] = self.tool(words[0])
        ours, theirs = pty.openpty()
        process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, cwd=self.folder,
                                   env=self.environment, start_new_session=True)
        os.close(theirs)
        os.write(ours, self.typed.encode())
        self.typed = ""
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:  # how the other end's close reads
            pass
        os.close(ours)
        code = process.wait(timeout=TIMEOUT)
        self.result = subprocess.CompletedProcess(words, code, shown.replace(b"\r\n", b"\n"), b"")

    def in_background(self, line):
        words = shlex.split(self.expand(line))
        self.background = Background([self.tool(words[0]), *words[1:]], self.folder, self.environment)

    def absent(self, name, text):
        files = sorted(self.folder.glob(self.expand(name)))
        if not files:
            raise Failure("there is no %s" % name)
        for file in files:
            if file.is_file() and self.expand(text).encode() in file.read_bytes():
                raise Failure("%s has it" % file.name)

    def encrypt(self, name, word, to):
        from cryptography.hazmat.primitives import serialization  # few stories need it
        key = serialization.load_pem_private_key(self.path(name).read_bytes(), None)
        self.path(to).write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(word.encode())))

    def sql(self, name, statement):
        database = sqlite3.connect(self.path(name), isolation_level=None)
        database.execute(self.expand(statement))
        database.close()

    def server(self, options):
        folder = self.folder / ("server%d" % len(self.servers) if self.servers else "server")
        server = subprocess.Popen([self.tools["kmipctl"], "dev-server", "--port", "0", "--dir", str(folder),
                                   *shlex.split(options)], stdout=subprocess.PIPE, env=self.environment)
        self.servers.append(server)
        line = server.stdout.readline().decode().strip()
        match = re.fullmatch(r"listening (127\.0\.0\.1:(\d+))", line)
        if not match:
            raise Failure("the server's first line is %r" % line)
        self.variables.update(ADDRESS=match[1], PORT=match[2])
        self.environment.update(KMIP_SERVER=match[1], KMIP_CA=str(folder / "ca.pem"),
                                KMIP_CLIENT_CERT=str(folder / "client.pem"),
                                KMIP_CLIENT_KEY=str(folder / "client.key"))

    def vault(self, rest):
        dialect, *options = shlex.split(self.expand(rest))
        if dialect == "real":
            return self.real_vault()
        vault = subprocess.Popen([sys.executable, self.vault_server, "--dialect", dialect, "--dev-transit", "--port",
                                  "0", "--test-controls", "--until-stdin-closes", *options], cwd=self.folder,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment)
        self.vaults.append(vault)
        line = vault.stdout.readline().decode()
        try:
            told = json.loads(line)
        except ValueError as error:
            raise Failure("the test Vault's first line is %r" % line) from error
        self.variables.update(ROOT=told["root_token"], VAULT=told["address"])
        self.environment.update(VAULT_ADDR=told["address"], VAULT_TOKEN=told["root_token"])

    def real_vault(self):
        self.variables.update(ROOT=os.environ["KEYWAY_TEST_VAULT_TOKEN"], VAULT=os.environ["KEYWAY_TEST_VAULT_ADDR"])
        self.environment.update(VAULT_ADDR=self.variables["VAULT"], VAULT_TOKEN=self.variables["ROOT"])
        if "KEYWAY_TEST_VAULT_CACERT" in os.environ:
            self.environment["VAULT_CACERT"] = os.environ["KEYWAY_TEST_VAULT_CACERT"]
            self.variables["CA"] = " --vault-ca-cert " + shlex.quote(os.environ["KEYWAY_TEST_VAULT_CACERT"])
        for path in ("sys/mounts", "sys/auth"):
            for name in ("transit/", "approle/"):
                self.api("GET %s => MOUNTS data" % path)
                if repr(name) in self.variables["MOUNTS"]:
                    raise Failure("%s is mounted there already: this story wants a server of its own" % name)
        self.is_real = True
        self.api('POST sys/mounts/transit {"type":"transit"}')

    def leave_real_vault(self):
        for path in ("sys/mounts/transit", "sys/auth/approle"):
            self.api("DELETE " + path)

    def api(self, rest):
        rest, _, keep = self.expand(rest).partition("=>")
        method, path, *body = rest.strip().split(" ", 2)
        headers = {"X-Vault-Token": self.variables["ROOT"]}
        if method == "WRAP":
            method, headers["X-Vault-Wrap-TTL"] = "POST", "300"
        url = self.variables["VAULT"] + (path if path.startswith("/") else "/v1/" + path)
        request = urllib.request.Request(url, method=method, headers=headers,
                                         data=body[0].encode() if body else None)
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE  # it is the story's own server
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT, context=tls) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise Failure("the test Vault answered %d: %r" % (error.code, error.read())) from error
        if keep:
            name, fields = keep.split()
            value = json.loads(content)
            for field in fields.split("."):
                value = value[field]
            self.variables[name] = str(value)

    def expect(self, found, text):
        if not found:
            raise Failure("%s; stdout: %r, stderr: %r" % (text, self.result.stdout[:2000], self.result.stderr[:2000]))

    def line(self, line):
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if word == "test-vault":
            if self.is_real:
                return
            word, _, rest = rest.partition(" ")
        about_result = ("?", "out", "lacks", "err", "hides")
        if word not in about_result:
            self.settle()
        elif self.result is None:
            raise Failure("there is no command that this is about")
        if word == "$":
            self.command(rest)
        elif word == "%":
            self.at_terminal(rest)
        elif word == "type":
            self.typed += self.expand(rest) + "\n"
        elif word == "&":
            self.in_background(rest)
        elif word == "until":
            self.background.until(self.expand(rest))
        elif word == "interrupt":
            self.result, self.background = self.background.end(), None
        elif word == "?":
            self.expected = int(rest)
        elif word == "out":
            text = self.result.stdout.decode(errors="replace")
            self.expect(re.search(self.expand(rest), text, re.MULTILINE), "stdout lacks %r" % rest)
        elif word == "lacks":
            text = self.result.stdout.decode(errors="replace")
            self.expect(not re.search(self.expand(rest), text, re.MULTILINE), "stdout has %r" % rest)
        elif word == "err":
            text = self.result.stderr.decode(errors="replace")
            self.expect(re.search(self.expand(rest), text, re.MULTILINE), "stderr lacks %r" % rest)
        elif word == "hides":
            hidden = self.expand(rest).encode()
            self.expect(hidden not in self.result.stdout + self.result.stderr, "the output shows %r" % rest)
        elif word == "server":
            self.server(rest)
        elif word == "vault":
            self.vault(rest)
        elif word == "api":
            self.api(rest)
        elif word == "file":
            name, size = rest.split()
            self.path(name).write_bytes(secrets.token_bytes(int(size)))
        elif word == "text":
            name, _, words = rest.partition(" ")
            self.path(name).write_text(self.expand(words) + "\n")
        elif word == "field":
            name, file, key = rest.split()
            self.variables[name] = str(json.loads(self.path(file).read_text())[key])
        elif word == "more":
            name, _, words = rest.partition(" ")
            with open(self.path(name), "a", encoding="utf-8") as file:
                file.write(self.expand(words) + "\n")
        elif word == "join":
            to, one, other = rest.split()
            self.path(to).write_bytes(self.path(one).read_bytes() + self.path(other).read_bytes())
        elif word == "encrypt":
            self.encrypt(*self.expand(rest).split())
        elif word == "flip":
            name, at, to = rest.split()
            content = bytearray(self.path(name).read_bytes())
            content[int(at)] ^= 1
            self.path(to).write_bytes(content)
        elif word == "cut":
            name, count, to = rest.split()
            self.path(to).write_bytes(self.path(name).read_bytes()[:int(count)])
        elif word == "move":
            name, to = rest.split()
            self.path(name).replace(self.path(to))
        elif word == "drop":
            self.path(rest).unlink()
        elif word == "folder":
            self.path(rest).mkdir()
        elif word == "sql":
            self.sql(*rest.split(" ", 1))
        elif word in ("busy", "hold"):
            self.writer = sqlite3.connect(self.path(rest), isolation_level=None)
            self.writer.execute("BEGIN IMMEDIATE" if word == "busy" else "SELECT count(*) FROM sqlite_master")
        elif word == "idle":
            self.writer.close()
            self.writer = None
        elif word == "chmod":
            name, mode = rest.split()
            self.path(name).chmod(int(mode, 8))
        elif word == "set":
            name, _, value = rest.partition(" ")
            if value:
                self.environment[name] = self.expand(value)
            else:
                self.environment.pop(name, None)
        elif word == "same":
            one, other = rest.split()
            if self.path(one).read_bytes() != self.path(other).read_bytes():
                raise Failure("%s and %s differ" % (one, other))
        elif word == "empty":
            if self.path(rest).exists() and self.path(rest).stat().st_size > 0:
                raise Failure("%s is not empty" % rest)
        elif word == "mode":
            name, mode = rest.split()
            found = self.path(name).stat().st_mode & 0o777
            if found != int(mode, 8):
                raise Failure("%s has mode %o" % (name, found))
        elif word == "absent":
            self.absent(*rest.split(" ", 1))
        elif word == "has":
            name, regex = rest.split(" ", 1)
            text = self.path(name).read_text(errors="replace")
            if not re.search(self.expand(regex), text, re.MULTILINE):
                raise Failure("%s lacks it: %r" % (name, text[:2000]))
        elif word == "equal":
            one, other = self.expand(rest).split()
            if one != other:
                raise Failure("%s is not %s" % (one, other))
        elif word == "stop-if-root":
            if os.geteuid() == 0:
                raise End()
        else:
            raise Failure("no such line")


def main():
    tools = {"kmipctl": os.path.abspath(sys.argv[1]), "kmsctl": os.path.abspath(sys.argv[2])}
    vault, path = os.path.abspath(sys.argv[3]), pathlib.Path(sys.argv[4])
    if "DIALECT=real" in sys.argv and "KEYWAY_TEST_VAULT_ADDR" not in os.environ:
        print("skipped: KEYWAY_TEST_VAULT_ADDR names no server")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="keyway-story-") as folder:
        story = Story(tools, vault, pathlib.Path(folder))
        story.variables.update(given.split("=", 1) for given in sys.argv[5:])
        failure = None
        try:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if line.strip() and not line.startswith("#"):
                    story.line(line)
            story.settle()
        except End:
            pass
        except Failure as error:
            failure = "%s:%d: %s\n  %s" % (path.name, number, line, error)
        try:
            story.close()
        except Failure as error:
            failure = failure or str(error)
        if failure:
            sys.exit(failure)


if __name__ == "__main__":
    main()
