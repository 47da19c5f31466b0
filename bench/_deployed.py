"""A store and an identity endpoint on loopback, which the service uses as it does on Azure: TLS and a token.

The store is Azurite with TLS and `--oauth basic`: it checks the issuer, the audience and the life of a token, not its
signature. The endpoint is that of the managed identity in App Service and Functions
(https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference).
"""

import base64
import json
import secrets
import ssl
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from local.loopback_only import refusal
from local.stack import azurite, parts
from local.stack.environment import DEFAULTS
from local.stack.keys import fresh_keys
from local.stack.ports import LOOPBACK, Ports
from shared.settings import settings_from
from shared.wiring import Adapters
from tests.processes import Process

AUDIENCE = "https://storage.azure.com"
CLIENT_ID = str(uuid.uuid4())


@contextmanager
def deployed(caller: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the caller's environment with the settings of a deployment. Everything stops at the end."""
    with tempfile.TemporaryDirectory(prefix="sesame-bench-", ignore_cleanup_errors=True) as folder:
        place, ports, header = Path(folder), Ports.free(0), secrets.token_hex(16)
        certificate, key = _certificate(place)
        # A client of Azure loads the authorities of the system. These processes do so too.
        system, authorities = ssl.get_default_verify_paths().cafile, place / "authorities.pem"
        authorities.write_bytes((Path(system).read_bytes() if system else b"") + certificate.read_bytes())
        part = parts.azurite_part(parts.Place(place), ports)
        options = ("--oauth", "basic", "--cert", str(certificate), "--key", str(key))
        store = Process(replace(part, command=(*part.command, *options)), caller, place / "azurite.log")
        identity = ThreadingHTTPServer((LOOPBACK, 0), _identity_endpoint(header))
        Thread(target=identity.serve_forever, daemon=True).start()
        try:
            store.wait_until_ready()
            yield {
                **{name: value for name, value in caller.items() if not name.startswith(("SESAME_", "AzureWebJobs"))},
                **DEFAULTS,
                **{name: value for name, value in fresh_keys().items() if name != "SESAME_ACS_ACCESS_KEY"},
                **{
                    f"AzureWebJobsStorage__{kind}ServiceUri": f"https://{LOOPBACK}:{port}/{azurite.ACCOUNT}"
                    for kind, port in {"blob": ports.blob, "queue": ports.queue, "table": ports.table}.items()
                },
                "AZURE_CLIENT_ID": CLIENT_ID,
                "IDENTITY_ENDPOINT": f"http://{LOOPBACK}:{identity.server_port}/msi/token",
                "IDENTITY_HEADER": header,
                "SESAME_ACS_ENDPOINT": "https://sesame.communication.azure.com",
                "SESAME_TRUSTED_HOPS": "1",
                "SSL_CERT_FILE": str(authorities),
                "WEBSITE_SITE_NAME": "func-sesame",
            }
        finally:
            identity.shutdown()
            identity.server_close()
            store.end()


def by_key(environment: Mapping[str, str]) -> Adapters:
    """Return adapters that use the key of the account, to make what a deployment makes: tables and queues."""
    table, queue = (environment[f"AzureWebJobsStorage__{kind}ServiceUri"] for kind in ("table", "queue"))
    key = f"AccountName={azurite.ACCOUNT};AccountKey={azurite.PUBLISHED_KEY}"
    local = {name: value for name, value in environment.items() if name != "WEBSITE_SITE_NAME"}
    return trusting({**local, "SESAME_STORAGE_CONNECTION": f"{key};TableEndpoint={table};QueueEndpoint={queue}"})


def trusting(environment: Mapping[str, str]) -> Adapters:
    """Return the adapters in a process whose own environment has no SSL_CERT_FILE."""
    adapters = Adapters(settings_from(environment))
    adapters.transport.connection_config.verify = environment["SSL_CERT_FILE"]
    return adapters


def _certificate(place: Path) -> tuple[Path, Path]:
    """Make a certificate of this address that signs itself. Return its file and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Sésame bench")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = place / "certificate.pem", place / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(*form))
    return certificate, private


def _identity_endpoint(header: str) -> type[BaseHTTPRequestHandler]:
    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            wanted = {"api-version": "2019-08-01", "resource": AUDIENCE, "client_id": CLIENT_ID}
            good = self.headers["X-IDENTITY-HEADER"] == header and asked == wanted
            status = refusal(self.headers.get_all("Host", []), self.headers.get_all("Origin", []))
            status = status or (HTTPStatus.OK if good else HTTPStatus.BAD_REQUEST)
            refused = {"statusCode": status, "message": "not a request of a token"}
            body = json.dumps(_token() if status is HTTPStatus.OK else refused).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing: the measurement prints its figures only."""

    return Endpoint


def _token() -> dict[str, str]:
    now = int(time.time())
    life = {"iat": now, "nbf": now - 300, "exp": now + 24 * 3600}
    claims = {"aud": AUDIENCE, "iss": f"https://sts.windows.net/{uuid.uuid4()}/", **life}
    return {
        "access_token": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}.",
        "client_id": CLIENT_ID,
        "expires_on": str(life["exp"]),
        "resource": AUDIENCE,
        "token_type": "Bearer",
    }


def _part(content: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
