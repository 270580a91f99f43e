"""Starts `kmipctl dev-server` for a test; it also serves as the maker of certificates for other servers."""
import signal
import subprocess


class DevServer:
    def __init__(self, kmipctl, folder):
        self.folder = folder
        self.process = subprocess.Popen([kmipctl, "dev-server", "--port", "0", "--dir", str(folder)],
                                        stdout=subprocess.PIPE)
        line = self.process.stdout.readline().decode().strip()
        if not line.startswith("listening "):
            self.process.kill()
            raise RuntimeError("dev-server's first line is %r" % line)
        self.address = line.split()[1]

    def settings(self, address=None):
        return {
            "KMIP_SERVER": address or self.address,
            "KMIP_CA": str(self.folder / "ca.pem"),
            "KMIP_CLIENT_CERT": str(self.folder / "client.pem"),
            "KMIP_CLIENT_KEY": str(self.folder / "client.key"),
        }

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)
