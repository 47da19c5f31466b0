"""CORS as the platform handles it: an exact list of origins, checked before any function runs."""

from collections.abc import Mapping

from starlette.responses import Response


def preflight(method: str, headers: Mapping[str, str], allowed: frozenset[str]) -> Response | None:
    """Answer a preflight request; return None if the request is not one."""
    if method != "OPTIONS" or "origin" not in headers or "access-control-request-method" not in headers:
        return None
    answer = Response(status_code=204)
    if headers["origin"] in allowed:
        answer.headers["Access-Control-Allow-Origin"] = headers["origin"]
        answer.headers["Access-Control-Allow-Methods"] = headers["access-control-request-method"]
        if asked := headers.get("access-control-request-headers"):
            answer.headers["Access-Control-Allow-Headers"] = asked
    return answer


def mark(answer: Response, origin: str | None, allowed: frozenset[str]) -> None:
    """Add the CORS headers if the page's origin is on the list."""
    if origin in allowed and origin is not None:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers.add_vary_header("Origin")
