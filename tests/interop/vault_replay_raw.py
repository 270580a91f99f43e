"""The recorded exchanges that are bytes on the wire, and those of TLS."""
import datetime
import email.utils
import ipaddress
import re
import select
import socket
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from vault_replay_values import masked

READ = 30     # seconds for the rest of an answer
QUIET = 0.05  # seconds without a byte: the connection is open and says no more

CUT = "\n[... "  # where a recording leaves bytes out

GENERATED = [(re.compile(r'"request_id":"[0-9a-f-]{36}"'), '"request_id":"ID"'),
             (re.compile(r'(vault:v\d+:)([A-Za-z0-9+/=]+)'), lambda found: found[1] + "x" * len(found[2])),
             (re.compile(r"vault-cluster-[0-9a-f]{8}"), "vault-cluster-ID"),
             (re.compile(r'"cluster_id":"[0-9a-f-]{36}"'), '"cluster_id":"ID"')]


def hidden(text):
    """An answer without its generated values; lengths stay."""
    for pattern, replacement in GENERATED:
        text = pattern.sub(replacement, text)
    return masked(text)


def connect(server):
    sock = socket.create_connection(server.client.host(), READ)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def read_bytes(sock, size, until_closed):
    """`size` bytes, and whether the peer has closed then."""
    got = b""
    while len(got) < size or until_closed:
        part = sock.recv(1 << 16)
        if not part:
            return got, True
        got += part
    ready, _, _ = select.select([sock], [], [], QUIET)
    if ready:
        more = sock.recv(1 << 16)
        return got + more, not more
    return got, False


def replay(server, exchange, values, set_clock):
    wanted = exchange["raw_response"]
    date = re.search(r"Date: ([^\r]+)", wanted)
    if date:
        set_clock(email.utils.parsedate_to_datetime(date[1]).timestamp())
    whole = size_of(wanted)
    parts = exchange["raw_request"]
    parts = [parts] if isinstance(parts, str) else parts
    with connect(server) as sock:
        got = b""
        for index, part in enumerate(parts):
            if index:
                got += sock.recv(1 << 16)  # 100 Continue
            sock.sendall(with_tokens(part, values))
        if "half closed" in exchange["note"]:
            sock.shutdown(socket.SHUT_WR)
        closes = exchange["connection_after"] != "open"
        try:
            more, is_closed = read_bytes(sock, whole - len(got), closes)
        except socket.timeout:
            return ["no answer, or not all of it"]
    given = (got + more).decode("latin-1")
    if len(given) != whole:
        return ["answer of %d bytes in place of %d: %r" % (len(given), whole, given[:300])]
    given, wanted = hidden(given), hidden(wanted)
    cut = wanted.find(CUT)
    if cut >= 0:
        tail = wanted[wanted.rfind("]\n") + 2:]
        tail = tail[tail.find('"'):]  # behind the value that was cut in two
        given, wanted = given[:cut] + given[-len(tail):], wanted[:cut] + tail
    problems = [] if is_closed == closes else ["the connection is %s" % ("closed" if is_closed else "open")]
    if given != wanted:
        problems.append("answer\n%r\n  in place of\n%r" % (given[:1500], wanted[:1500]))
    return problems


def size_of(text):
    """Bytes of a recorded text, also of what was cut out of it."""
    found = re.search(re.escape(CUT) + r"(\d+) bytes in all", text)
    return int(found[1]) if found else len(text)


def uncut(text):
    """A request with what was cut out of it: more of the character before."""
    found = re.search(re.escape(CUT) + r"(\d+) bytes in all \.\.\.\]\n", text)
    if not found:
        return text
    start, end = text[:found.start()], text[found.end():]
    return start + start[-1] * (int(found[1]) - len(start) - len(end)) + end


def with_tokens(text, values):
    text = uncut(text)
    token = re.search(r"X-Vault-Token: (\S+)", text)
    if token:
        text = text.replace(token[1], values.in_text(token[1]))
    return text.encode("latin-1")


# ---- TLS

def make_certificate(folder):
    """A certificate for 127.0.0.1; gives the options that use it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test Vault")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.datetime.utcnow()
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=2))
                   .add_extension(here, False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
                   .sign(key, hashes.SHA256()))
    (folder / "server.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return ["--tls-cert", str(folder / "server.pem"), "--tls-key", str(folder / "server.key")]


def trusting_context():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def replay_alpn(server, exchange):
    """Offers the names in the note, and compares what the server chose."""
    context = trusting_context()
    names = re.findall(r"'([^']+)'", exchange["note"])
    if names:
        context.set_alpn_protocols(names)
    wanted = exchange["observed"]
    try:
        with connect(server) as sock, context.wrap_socket(sock) as tls:
            given = {"chosen": tls.selected_alpn_protocol(), "tls": tls.version()}
    except ssl.SSLError:
        given = {"error": "SSLError"}
    wanted = {name: value for name, value in wanted.items() if name != "cipher"}
    return [] if given == wanted else ["%r in place of %r" % (given, wanted)]
