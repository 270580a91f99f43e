"""Stands between kmsctl and a KMS, passes everything on, and at some byte begins to misbehave."""
import secrets
import socket
import threading


class Proxy:
    """Listens on 127.0.0.1 for a server at `target`, "host:port"."""

    def __init__(self, target):
        host, port = target.rsplit(":", 1)
        self.target = (host, int(port))
        self.lock = threading.Lock()
        self.sent = 0        # bytes from clients since arm() or the start
        self.limit = None    # of them, that are passed on
        self.planned = None  # what happens then
        self.mode = None     # what happens now
        self.open = set()    # sockets of connections
        self.threads = []
        self.listener = None
        self.port = 0
        self.listen()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.port

    def listen(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        self.listener = listener
        self.run(self.accept, listener)

    def run(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    # ---- what tests do

    def arm(self, limit, mode):
        """After `limit` bytes of requests: "cut" (connections end), "away" (nobody listens either), "stall" (no
        answers), "garbage" (random bytes), or a function that is called once, and everything goes on."""
        with self.lock:
            self.sent, self.limit, self.planned, self.mode = 0, limit, mode, None

    def heal(self):
        with self.lock:
            was_away = self.mode == "away"
            self.limit = self.planned = self.mode = None
            self.sent = 0
        self.end_connections()
        if was_away:
            self.listen()

    def stop(self):
        self.end_listener()
        self.end_connections()
        for thread in self.threads:
            thread.join(timeout=60)

    # ---- connections

    def end_listener(self):
        listener, self.listener = self.listener, None
        if listener:
            end(listener)

    def end_connections(self):
        with self.lock:
            connections, self.open = self.open, set()
        for connection in connections:
            end(connection)

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if self.mode == "cut":
                end(client)
                continue
            try:
                server = socket.create_connection(self.target)
            except OSError:
                end(client)
                continue
            with self.lock:
                self.open |= {client, server}
            self.run(self.pass_requests, client, server)
            self.run(self.pass_on, server, client)

    def pass_requests(self, client, server):
        for data in chunks(client):
            self.count(len(data))
            if self.mode is None:
                send(server, data)
            elif self.mode == "garbage":
                send(client, secrets.token_bytes(400))
            elif self.mode != "stall":
                break
        end(client)
        end(server)

    def pass_on(self, server, client):
        for data in chunks(server):
            if self.mode is None:
                send(client, data)
        if self.mode is None:
            end(client)

    def count(self, size):
        with self.lock:
            self.sent += size
            if self.limit is None or self.sent < self.limit:
                return
            self.limit = None
            if callable(self.planned):
                self.planned()
                return
            self.mode = self.planned
        if self.mode == "away":
            self.end_listener()
        if self.mode in ("away", "cut"):
            self.end_connections()


def chunks(connection):
    while True:
        try:
            data = connection.recv(65536)
        except OSError:
            return
        if not data:
            return
        yield data


def send(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        pass  # its reader ends the connection


def end(connection):
    """Ends it for good: a thread that reads from it wakes up."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
