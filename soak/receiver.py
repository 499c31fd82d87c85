"""A server that webhooks are posted to: https on loopback, with a certificate of its own."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from keepsake.launcher import LOOPBACK

_HOST = "localhost"


class Receiver:
    """Counts the deliveries that it takes, and how many of them came more than once."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.address = f"{_HOST}:{port}"
        self.certificate = certificate
        self.taken = self.again = 0
        self._ids: set[str] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """What a webhook is made for."""
        return f"https://{self.address}/soak"

    def take(self, delivery_id: str) -> None:
        """Count one."""
        with self._lock:
            self.taken += 1
            self.again += delivery_id in self._ids
            self._ids.add(delivery_id)


@contextmanager
def receiving(directory: Path) -> Iterator[Receiver]:
    """A receiver that is up."""
    pem = certificate(directory, _HOST)
    receivers: list[Receiver] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Take a delivery."""
            self.rfile.read(int(self.headers["Content-Length"]))
            receivers[0].take(self.headers["webhook-id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    receivers.append(Receiver(server.server_port, pem))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receivers[0]
    finally:
        server.shutdown()
        server.server_close()


def certificate(directory: Path, host: str) -> Path:
    """A file with a key and a certificate for one host, a name or an address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_named(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = directory / "server.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
