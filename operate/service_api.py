"""Calls the service over HTTP as an administrator does, found by the address of its pages."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

SECONDS: Final = 30
LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}


class CallFailed(Exception):
    """The service could not be reached, or refused. The message is a sentence, the others are its stable words."""

    def __init__(self, message: str, code: str = "", reason: str = "", field: str = "") -> None:
        super().__init__(message)
        self.code, self.reason, self.field = code, reason, field


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect could carry a password or a token to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class ServiceApi:
    """Posts JSON. Passwords and tokens go over TLS only, except to this machine."""

    address: str
    language: str = "en"

    @classmethod
    def of_page(cls, page: str) -> "ServiceApi":
        """Return the service that the pages at this address use (`/config.json`)."""
        config = _call(_checked(page.rstrip("/")) + "/config.json", None, {})
        return cls(_checked(str(config.get("api", "")).rstrip("/")))

    def post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        """Return the answer. Raises CallFailed."""
        return _call(self._at(path), json.dumps(body).encode(), self._headers(token, "application/json"))

    def send_csv(self, path: str, query: dict[str, str], content: bytes, token: str) -> dict[str, Any]:
        """Return the answer to a file. Raises CallFailed."""
        return _call(f"{self._at(path)}?{urlencode(query)}", content, self._headers(token, "text/csv"))

    def get(self, path: str, token: str) -> dict[str, Any]:
        """Return the answer. Raises CallFailed."""
        return _call(self._at(path), None, self._headers(token))

    def text(self, path: str, token: str) -> str:
        """Return a file of text. Raises CallFailed."""
        return _answer(self._at(path), None, self._headers(token)).decode()

    def _at(self, path: str) -> str:
        return f"{self.address}/api/v1/{path}"

    def _headers(self, token: str, content_type: str = "") -> dict[str, str]:
        headers = {"Content-Type": content_type, "Accept-Language": self.language}
        headers["Authorization"] = f"Bearer {token}" if token else ""
        return {name: value for name, value in headers.items() if value}


def _checked(address: str) -> str:
    parts = urlsplit(address)
    if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)) or not parts.hostname:
        raise CallFailed(f"{address or 'The address'} is not an address that begins with https://.")
    return address


def _call(address: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
    try:
        answer = json.loads(_answer(address, body, headers))
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise CallFailed(f"{urlsplit(address).netloc} does not answer as the service does.")
    return answer


def _answer(address: str, body: bytes | None, headers: dict[str, str]) -> bytes:
    direct = [urllib.request.ProxyHandler({})] if urlsplit(address).hostname in LOOPBACK else []
    opener = urllib.request.build_opener(_NoRedirects, *direct)
    request = urllib.request.Request(address, body, headers)  # noqa: S310  the scheme was checked
    try:
        with opener.open(request, timeout=SECONDS) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as refused:
        raise _refusal(refused) from None
    except (OSError, ValueError) as lost:
        reason = getattr(lost, "reason", None) or type(lost).__name__
        raise CallFailed(f"{urlsplit(address).netloc} does not answer as the service does: {reason}.") from None


def _refusal(refused: urllib.error.HTTPError) -> CallFailed:
    try:
        problem = json.loads(refused.read())
        words = [str(problem.get(name, "")) for name in ("code", "reason", "field")]
        told = f"{problem['title']}. {problem['detail']}"
        reference = f" Reference: {problem['reference']}." if problem.get("reference") else ""
    except (OSError, ValueError, KeyError, TypeError):
        return CallFailed(f"The service answered {refused.code}.")
    return CallFailed(f"{told}{reference}", *words)
