"""A static site with the rules of `site-config.json`."""

import fnmatch
import json
import mimetypes
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from operate.microsoft_page import with_sign_in
from operate.organisation_page import files, kind_of, page
from shared.domain.entra_apps import EntraApps
from shared.domain.organisation import Organisation

Brand = tuple[Organisation, bytes]
"""The organisation and its logo."""

NOT_BUILT = "The web application is not built yet. Run ./sesame run again; it builds it when web/ is complete.\n"


class StaticSite:
    """Serves the files of one folder. `/config.json` contains the address of the API."""

    def __init__(
        self,
        root: Path,
        settings: Mapping[str, Any],
        api: Sequence[str],
        brand: Brand | None = None,
        microsoft: EntraApps | None = None,
    ) -> None:
        self._organisation: Organisation | None
        self._organisation, logo = brand or (None, b"")
        self._made = files(self._organisation, logo, datetime.now(UTC)) if self._organisation else {}
        self._root = root.resolve()
        self._api, self._microsoft = api, microsoft
        fallback = settings.get("navigationFallback", {})
        self._rewrite = str(fallback.get("rewrite", "/index.html"))
        self._excluded = [str(pattern) for pattern in fallback.get("exclude", [])]
        self._redirects = {
            str(rule["route"]): str(rule["redirect"]) for rule in settings.get("routes", []) if "redirect" in rule
        }
        self._rules = [(str(rule["route"]), dict(rule.get("headers", {}))) for rule in settings.get("routes", [])]
        headers = settings.get("globalHeaders", {})
        self._headers = {name: self._local(name, str(value)) for name, value in headers.items()}

    @classmethod
    def read(
        cls, web: Path, api: Sequence[str], brand: Brand | None = None, microsoft: EntraApps | None = None
    ) -> "StaticSite":
        """Read the configuration of the web app."""
        path = web / "site-config.json"
        settings = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return cls(web / "dist", settings, api, brand, microsoft)

    def _local(self, name: str, value: str) -> str:
        """Change the content security policy for local use: allow the local API, and plain HTTP for the page's own
        files.
        """
        if name.lower() != "content-security-policy":
            return value
        origins = [*self._api, *([self._microsoft.authority] if self._microsoft else [])]
        value = re.sub(r"connect-src [^;]*", f"connect-src 'self' {' '.join(origins)}", value)
        return re.sub(r"\s*upgrade-insecure-requests;?", "", value)

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        path = request.url.path
        answer = RedirectResponse(self._redirects[path], 302) if path in self._redirects else self._answer(path)
        answer.headers.update(self._headers)
        # As in Azure, the first matching rule applies, and overrides the global headers.
        for pattern, headers in self._rules:
            if fnmatch.fnmatch(path, pattern):
                answer.headers.update(headers)
                break
        return answer

    def _answer(self, path: str) -> Response:
        if path == "/config.json":
            return JSONResponse({"api": self._api[0]})
        if (made := self._made.get(path.removeprefix("/"))) is not None:
            return Response(made, media_type=kind_of(path))
        file = self._file(path)
        if file is None and not any(fnmatch.fnmatch(path, pattern) for pattern in _expanded(self._excluded)):
            file = self._file(self._rewrite)
            if file is None:
                return PlainTextResponse(NOT_BUILT, status_code=503)
        if file is None:
            return PlainTextResponse("Not found\n", status_code=404)
        if self._organisation and file.name == "index.html":
            return HTMLResponse(with_sign_in(page(file.read_text("utf-8"), self._organisation), self._microsoft))
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return FileResponse(file, media_type=kind)

    def _file(self, path: str) -> Path | None:
        """Return the file for a path, never one outside the folder."""
        wanted = (self._root / path.lstrip("/")).resolve()
        if wanted.is_dir():
            wanted /= "index.html"
        return wanted if wanted.is_relative_to(self._root) and wanted.is_file() else None


def _expanded(patterns: Sequence[str]) -> list[str]:
    """Convert `/images/*.{png,gif}` to one pattern per extension."""
    found: list[str] = []
    for pattern in patterns:
        group = re.fullmatch(r"(.*)\{([^}]*)\}", pattern)
        found += [group[1] + ending for ending in group[2].split(",")] if group else [pattern]
    return found
