"""The store of the local stack. Stop it with SIGINT only: if it is killed, it loses writes that it acknowledged."""

from pathlib import Path

from local.setup.node import node
from local.stack.ports import LOOPBACK, Ports

FOLDER = Path(__file__).parent.parent / "azurite"
OURS = ("tether.cjs", "loopback_only.cjs", "xml_characters.cjs")
PROGRAM = FOLDER / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
ACCOUNT = "devstoreaccount1"
# The published key of Azurite's account. It is not secret, and the service refuses it on Azure.
PUBLISHED_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def command(location: Path, ports: Ports) -> list[str]:
    """Return the command line. Node is started directly, so that it receives signals."""
    return [
        str(node()),
        *(word for name in OURS for word in ("--require", str(FOLDER / name))),
        str(PROGRAM),
        "--location", str(location),
        "--blobHost", LOOPBACK, "--blobPort", str(ports.blob),
        "--queueHost", LOOPBACK, "--queuePort", str(ports.queue),
        "--tableHost", LOOPBACK, "--tablePort", str(ports.table),
        "--skipApiVersionCheck", "--disableTelemetry", "--silent",
    ]  # fmt: skip


def connection_string(ports: Ports, account: str = ACCOUNT, key: str = PUBLISHED_KEY) -> str:
    """Return the connection string of one account on these ports."""
    endpoints = {"Blob": ports.blob, "Queue": ports.queue, "Table": ports.table}
    parts = [f"{name}Endpoint=http://{LOOPBACK}:{port}/{account}" for name, port in endpoints.items()]
    return ";".join(["DefaultEndpointsProtocol=http", f"AccountName={account}", f"AccountKey={key}", *parts])
