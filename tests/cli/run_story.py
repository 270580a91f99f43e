#!/usr/bin/env python3
"""Runs a command-line story: a text file of commands and what they have to print.

usage: run_story.py KMIPCTL STORY

A story's lines:
  # text               a comment
  server [OPTIONS]     start `kmipctl dev-server`; the environment then names it
  file NAME SIZE       make a file of SIZE random bytes (0: empty)
  text NAME WORDS      make a file of one line
  more NAME WORDS      add a line to it
  flip NAME AT TO      copy the file NAME to TO with the lowest bit of byte AT changed (AT below 0: from the end)
  cut NAME N TO        copy the first N bytes (N below 0: all but the last -N)
  set NAME VALUE       set an environment variable for what follows; no VALUE unsets it
  $ kmipctl ...        run it; `< FILE` and `> FILE` redirect, `=> NAME` keeps stdout in the variable NAME
  ? N                  the last command ended with N (0 is expected where nothing is said)
  out REGEX            a line of its stdout matches
  err REGEX            its stderr matches
  same A B             two files are equal
  empty NAME           the file is empty or does not exist
  mode NAME OCTAL      the file has this mode
Variables are written $NAME. Everything runs in a temporary folder.
"""
import os
import pathlib
import re
import secrets
import shlex
import signal
import subprocess
import sys
import tempfile

TIMEOUT = 60  # seconds for one command, so that a hanging one ends the test


class Failure(Exception):
    pass


class Story:
    def __init__(self, kmipctl, folder):
        self.kmipctl = kmipctl
        self.folder = folder
        self.environment = {n: v for n, v in os.environ.items() if not n.startswith(("KMIP", "XDG_CONFIG"))}
        self.environment["HOME"] = str(folder)
        self.variables = {}
        self.result = None
        self.expected = 0
        self.servers = []

    def close(self):
        for server in self.servers:
            server.send_signal(signal.SIGTERM)
        for server in self.servers:
            if server.wait(timeout=30) != 0:
                raise Failure("the server ended with %d" % server.returncode)

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
        if words[0] != "kmipctl":
            raise Failure("only kmipctl can be run: %s" % words[0])
        given = self.path(redirect["<"]).read_bytes() if "<" in redirect else b""
        self.result = subprocess.run([self.kmipctl, *words[1:]], input=given, capture_output=True, cwd=self.folder,
                                     env=self.environment, timeout=TIMEOUT, check=False)
        if ">" in redirect:
            self.path(redirect[">"]).write_bytes(self.result.stdout)
        if "=>" in redirect:
            self.variables[redirect["=>"]] = self.result.stdout.decode().strip()

    def server(self, options):
        folder = self.folder / ("server%d" % len(self.servers) if self.servers else "server")
        server = subprocess.Popen([self.kmipctl, "dev-server", "--port", "0", "--dir", str(folder),
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

    def expect(self, found, text):
        if not found:
            raise Failure("%s; stdout: %r, stderr: %r" % (text, self.result.stdout[:2000], self.result.stderr[:2000]))

    def line(self, line):
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        about_result = ("?", "out", "err")
        if word not in about_result:
            self.settle()
        if word == "$":
            self.command(rest)
        elif word == "?":
            self.expected = int(rest)
        elif word == "out":
            text = self.result.stdout.decode(errors="replace")
            self.expect(re.search(self.expand(rest), text, re.MULTILINE), "stdout lacks %r" % rest)
        elif word == "err":
            text = self.result.stderr.decode(errors="replace")
            self.expect(re.search(self.expand(rest), text, re.MULTILINE), "stderr lacks %r" % rest)
        elif word == "server":
            self.server(rest)
        elif word == "file":
            name, size = rest.split()
            self.path(name).write_bytes(secrets.token_bytes(int(size)))
        elif word == "text":
            name, _, words = rest.partition(" ")
            self.path(name).write_text(self.expand(words) + "\n")
        elif word == "more":
            name, _, words = rest.partition(" ")
            with open(self.path(name), "a", encoding="utf-8") as file:
                file.write(self.expand(words) + "\n")
        elif word == "flip":
            name, at, to = rest.split()
            content = bytearray(self.path(name).read_bytes())
            content[int(at)] ^= 1
            self.path(to).write_bytes(content)
        elif word == "cut":
            name, count, to = rest.split()
            self.path(to).write_bytes(self.path(name).read_bytes()[:int(count)])
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
        else:
            raise Failure("no such line")


def main():
    kmipctl, path = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="keyway-story-") as folder:
        story = Story(kmipctl, pathlib.Path(folder))
        failure = None
        try:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if line.strip() and not line.startswith("#"):
                    story.line(line)
            story.settle()
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
