#!/usr/bin/env python3
"""Shows the main job of Keyway on this machine: a data key wrapped, unwrapped and rewrapped over real KMIP.

Starts the embedded KMIP server on a free port, with certificates of its own, and drives it with kmipctl. Everything
happens in a temporary folder that is removed at the end.

usage: demo.py KMIPCTL
"""
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile


class Demo:
    def __init__(self, kmipctl, folder):
        self.kmipctl = kmipctl
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("KMIP")}
        self.environment["XDG_CONFIG_HOME"] = str(folder)
        self.steps = 0

    def step(self, text):
        self.steps += 1
        print("\n%d. %s" % (self.steps, text), flush=True)

    def run(self, *arguments, stdin=None, stdout=None):
        """Runs kmipctl and shows the command as a user would type it; returns what it printed."""
        shown = " ".join(["kmipctl", *arguments])
        if stdin:
            shown += " < " + stdin
        if stdout:
            shown += " > " + stdout
        print("   $ " + shown, flush=True)
        given = (self.folder / stdin).read_bytes() if stdin else b""
        result = subprocess.run([self.kmipctl, *arguments], input=given, capture_output=True, env=self.environment,
                                timeout=60, check=False)
        sys.stderr.write(result.stderr.decode(errors="replace"))
        if result.returncode != 0:
            sys.exit("the demonstration failed: kmipctl ended with exit code %d" % result.returncode)
        if stdout:
            (self.folder / stdout).write_bytes(result.stdout)
        else:
            for line in result.stdout.decode().splitlines():
                print("   " + line, flush=True)
        return result.stdout

    def start_server(self):
        folder = self.folder / "server"
        print("   $ kmipctl dev-server --port 0 --dir server", flush=True)
        server = subprocess.Popen([self.kmipctl, "dev-server", "--port", "0", "--dir", str(folder)],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment)
        line = server.stdout.readline().decode().strip()
        if not line.startswith("listening "):
            server.kill()
            sys.exit("the demonstration failed: the server did not start: %s" % server.stderr.read().decode())
        print("   " + line)
        self.environment.update({
            "KMIP_SERVER": line.split()[1],
            "KMIP_CA": str(folder / "ca.pem"),
            "KMIP_CLIENT_CERT": str(folder / "client.pem"),
            "KMIP_CLIENT_KEY": str(folder / "client.key"),
        })
        return server

    def show(self):
        self.step("Start a KMIP server for development; it makes its certificates and a client's.")
        server = self.start_server()
        try:
            print("   (KMIP_SERVER, KMIP_CA, KMIP_CLIENT_CERT and KMIP_CLIENT_KEY now name it and them.)")
            self.use_keys()
        finally:
            server.terminate()
            server.wait(timeout=30)

    def use_keys(self):
        self.step("Ask which protocol versions it speaks, over mutual TLS.")
        self.run("discover-versions")
        self.step("Create an AES-256 key inside the server, and activate it. It never leaves the server.")
        first = self.run("create", "--algorithm", "AES", "--length", "256", "--name", "first", "--activate")
        self.step("Make a 32-byte data key here, as a storage engine would, and wrap it with the server's key.")
        (self.folder / "data.key").write_bytes(secrets.token_bytes(32))
        blob = self.run("wrap", "--key", first.decode().strip(), stdin="data.key", stdout="data.wrapped")
        print("   data.wrapped is text to store beside the data: %s... (%d characters)" % (blob[:40].decode(), len(blob)))
        self.step("Unwrap it again. The blob names its key; the server decrypts; the check value is verified.")
        self.run("unwrap", stdin="data.wrapped", stdout="data.unwrapped")
        self.compare("data.key", "data.unwrapped")
        self.step("Rotate: create a second key, and rewrap the data key to it. The data key stays the same.")
        self.run("create", "--algorithm", "AES", "--length", "256", "--name", "second", "--activate")
        self.run("rewrap", "--new-key", "name:second", stdin="data.wrapped", stdout="data.rewrapped")
        self.run("unwrap", stdin="data.rewrapped", stdout="data.again")
        self.compare("data.key", "data.again")
        self.step("Try a blob with one character changed: refused before any key is touched.")
        self.refuse_damaged()
        print("\nDone: wrapped, unwrapped and rewrapped over KMIP, and every result compared.")

    def compare(self, one, other):
        same = (self.folder / one).read_bytes() == (self.folder / other).read_bytes()
        print("   %s and %s %s" % (one, other, "match" if same else "DIFFER"))
        if not same:
            sys.exit("the demonstration failed")

    def refuse_damaged(self):
        text = bytearray((self.folder / "data.wrapped").read_bytes())
        text[20] = ord("A") if text[20] != ord("A") else ord("B")
        result = subprocess.run([self.kmipctl, "unwrap"], input=bytes(text), capture_output=True,
                                env=self.environment, timeout=60, check=False)
        print("   $ kmipctl unwrap < damaged\n   " + result.stderr.decode().strip())
        print("   exit code %d, %d bytes of output" % (result.returncode, len(result.stdout)))
        if result.returncode != 5 or result.stdout:
            sys.exit("the demonstration failed: a damaged blob has to be refused with exit code 5")


def main():
    with tempfile.TemporaryDirectory(prefix="keyway-demo-") as folder:
        Demo(sys.argv[1], pathlib.Path(folder)).show()


if __name__ == "__main__":
    main()
