"""Checks requests as Azure Communication Services does: HMAC-SHA256 over verb, path, date, host and body hash."""

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

SIGNED_HEADERS = "x-ms-date;host;x-ms-content-sha256"
CLOCK_MARGIN = dt.timedelta(minutes=5)  # an old signature is refused, so that a recorded request cannot be replayed


def is_signed(method: str, path_and_query: str, headers: Mapping[str, str], body: bytes, access_key: str) -> bool:
    """Return whether the request carries the signature that the access key makes."""
    date, digest = headers.get("x-ms-date", ""), headers.get("x-ms-content-sha256", "")
    if not _is_recent(date):
        return False
    if not hmac.compare_digest(digest.encode(), base64.b64encode(hashlib.sha256(body).digest())):
        return False
    text = f"{method}\n{path_and_query}\n{date};{headers.get('host', '')};{digest}"
    signature = base64.b64encode(hmac.digest(base64.b64decode(access_key), text.encode(), "sha256")).decode()
    expected = f"HMAC-SHA256 SignedHeaders={SIGNED_HEADERS}&Signature={signature}"
    return hmac.compare_digest(headers.get("authorization", "").encode(), expected.encode())


def _is_recent(date: str) -> bool:
    try:
        signed_at = parsedate_to_datetime(date)
    except ValueError:
        return False
    if signed_at.tzinfo is None:
        return False
    return abs(dt.datetime.now(dt.UTC) - signed_at) <= CLOCK_MARGIN
