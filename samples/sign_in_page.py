# ruff: noqa: RUF001  (French is written with typographic signs)
"""A sign-in page that asks the service whether the person must register first, and never redirects anywhere else.

    python -m samples.sign_in_page --port 5174 --api http://127.0.0.1:7071

It signs people in with the service's own directory, in place of whatever an application really has. What matters is
`_go_on`: the address to which the person wants to go comes from a link that anybody could have written, so it is given
to `registration/status`, and only the address in the answer is used. `./sesame run` starts it.

Long: one file, with the standard library only, so that it can be read and copied whole.
"""

import argparse
import json
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from html import escape
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

LONGEST_FORM: Final = 16 * 1024
WORDS: Final = {
    "en": {
        "title": "Sample sign-in", "name": "User name", "password": "Password", "submit": "Sign in",
        "welcome": "You are signed in", "as": "Signed in as {}.", "again": "Sign in again",
        "must_register": "Set up how you reset your password",
        "must_reconfirm": "Check that your sign-in methods are still right",
        "required": "You cannot go on before this is done.",
        "until": "You can do it later, until {} (UTC).", "any": "You can do it later.",
        "register": "Do it now", "later": "Later: go on to {}",
        "refused": "This link does not lead to one of our applications",
        "refused_text": "Close this page, and open the application again.",
        "busy": "You cannot go on yet", "busy_text": "Try again in a moment.",
    },
    "fr": {
        "title": "Exemple de connexion", "name": "Nom d’utilisateur", "password": "Mot de passe",
        "submit": "Se connecter",
        "welcome": "Vous êtes connecté", "as": "Connecté en tant que {}.", "again": "Se reconnecter",
        "must_register": "Préparez la réinitialisation de votre mot de passe",
        "must_reconfirm": "Vérifiez que vos méthodes de connexion sont toujours exactes",
        "required": "Vous ne pouvez pas continuer avant de l’avoir fait.",
        "until": "Vous pouvez le faire plus tard, jusqu’au {} (UTC).", "any": "Vous pouvez le faire plus tard.",
        "register": "Le faire maintenant", "later": "Plus tard : continuer vers {}",
        "refused": "Ce lien ne mène pas à l’une de nos applications",
        "refused_text": "Fermez cette page et rouvrez l’application.",
        "busy": "Vous ne pouvez pas encore continuer", "busy_text": "Réessayez dans un instant.",
    },
}  # fmt: skip
STYLE: Final = """body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem}
label,input{display:block;width:100%;box-sizing:border-box;font:inherit}input,button{padding:.6rem;margin:.3rem 0 1rem}
button,a.now{font:inherit;background:#15594a;color:#fff;border:0;border-radius:.3rem;padding:.6rem 1rem}
a.now{display:inline-block;text-decoration:none}.wrong{border-left:.3rem solid #b3261e;padding-left:1rem}"""
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Refused(Exception):
    """The service refused. `problem` is its problem document; empty if there was no answer."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("code", "no answer"))
        self.problem = problem


@dataclass
class Known:
    """Somebody who has signed in here."""

    name: str
    token: str
    until: float


class Service:
    """The two calls that a sign-in page needs. They are made by the server, so the page needs no permitted origin."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")

    def sign_in(self, name: str, password: str, language: str) -> dict[str, Any]:
        return self._post("session", {"identifier": name, "password": password}, language)

    def status(self, token: str, return_to: str, language: str) -> dict[str, Any]:
        return self._post("registration/status", {"return_to": return_to}, language, token)

    def _post(self, path: str, body: dict[str, str], language: str, token: str = "") -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Accept-Language": language}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"{self.base}/api/v1/{path}", json.dumps(body).encode(), headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the operator's own address
                read: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise Refused(json.load(refusal)) from None
        except (OSError, ValueError):
            raise Refused({}) from None
        return read


class Page(BaseHTTPRequestHandler):
    """`/` signs in, `/continue` asks what is due, `/welcome` is the application."""

    server: "Site"

    def do_GET(self) -> None:
        """Answer a page. Host names other than ours are refused: another site could point its own here."""
        address = urlsplit(self.path)
        if self.headers.get("host") != urlsplit(self.server.origin).netloc:
            self._answer(421, "")
        elif address.path == "/":
            self._form(self._asked(address.query))
        elif address.path == "/style.css":
            self._answer(200, STYLE, "text/css")
        elif address.path in {"/continue", "/welcome"}:
            known = self._known()
            if known is None:
                self._redirect("/")
            elif address.path == "/welcome":
                self._show(200, "welcome", f"<p>{escape(self._words['as'].format(known.name))}</p>")
            else:
                self._go_on(known, self._asked(address.query))
        else:
            self._answer(404, "")

    def do_POST(self) -> None:
        """Sign in. A form of another site is refused."""
        length = int(self.headers.get("content-length") or 0)
        if self.path != "/" or self.headers.get("origin") != self.server.origin or not 0 < length <= LONGEST_FORM:
            return self._answer(403, "")
        form = parse_qs(self.rfile.read(length).decode("utf-8", "replace"), keep_blank_values=True)
        name, password, wanted = (form.get(field, [""])[0] for field in ("name", "password", "return_to"))
        try:
            session = self.server.service.sign_in(name, password, self._language)
        except Refused as refusal:
            return self._form(wanted, refusal.problem)
        key = secrets.token_urlsafe(32)
        self.server.known[key] = Known(name, session["token"], time.monotonic() + session["expires_in"])
        cookie = f"sample={key}; HttpOnly; SameSite=Lax; Path=/"
        return self._redirect(f"/continue?return_to={quote(wanted, safe='')}", {"Set-Cookie": cookie})

    def _go_on(self, known: Known, wanted: str) -> None:
        """Send the person on, or ask them to register first. `wanted` is never used but as a question."""
        words = self._words
        try:
            asked = self.server.service.status(known.token, wanted or f"{self.server.origin}/welcome", self._language)
        except Refused as refusal:
            if refusal.problem.get("field") == "return_to":
                return self._show(400, "refused", f"<p>{words['refused_text']}</p>")
            if refusal.problem.get("status") == 401:
                return self._redirect("/")
            said = refusal.problem.get("detail", words["busy_text"])  # such as: choose a new password first
            return self._show(refusal.problem.get("status", 503), "busy", f"<p>{escape(said)}</p>")
        if asked["status"] == "fine":
            return self._redirect(asked["return_to"])
        until = asked["skip_until"] and asked["skip_until"][:16].replace("T", " ")
        text = words["required"] if asked["required"] else words["until"].format(until) if until else words["any"]
        body = f'<p>{text}</p><p><a class="now" href="{escape(asked["register_at"])}">{words["register"]}</a></p>'
        if not asked["required"]:
            later = escape(words["later"].format(asked["return_name"]))
            body += f'<p><a href="{escape(asked["return_to"])}">{later}</a></p>'
        return self._show(200, asked["status"], body)

    def _form(self, wanted: str, problem: dict[str, Any] | None = None) -> None:
        words, wrong = self._words, ""
        if problem is not None:
            title, detail = problem.get("title", words["busy"]), problem.get("detail", words["busy_text"])
            wrong = f'<div class="wrong" role="alert"><p>{escape(title)}<br>{escape(detail)}</p></div>'
        self._show(
            200 if problem is None else 403,
            "title",
            f'{wrong}<form method="post" action="/"><input type="hidden" name="return_to" value="{escape(wanted)}">'
            f'<label for="name">{words["name"]}</label><input id="name" name="name" autocomplete="username" required>'
            f'<label for="password">{words["password"]}</label><input id="password" name="password" type="password" '
            f'autocomplete="current-password" required><button>{words["submit"]}</button></form>',
        )

    def _show(self, status: int, title: str, body: str) -> None:
        words = self._words
        if title not in {"title", "must_register", "must_reconfirm"}:
            body += f'<p><a href="/">{words["again"]}</a></p>'
        self._answer(
            status,
            f'<!doctype html><html lang="{self._language}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css">'
            f"<title>{words[title]}</title><main><h1>{words[title]}</h1>{body}</main></html>",
        )

    def _redirect(self, to: str, more: dict[str, str] | None = None) -> None:
        self._answer(303, "", more={"Location": to, **(more or {})})

    def _answer(self, status: int, text: str, kind: str = "text/html", more: dict[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": f"{kind}; charset=utf-8", **(more or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _asked(self, query: str) -> str:
        return parse_qs(query, keep_blank_values=True).get("return_to", [""])[0]

    def _known(self) -> Known | None:
        try:
            cookie = SimpleCookie(self.headers.get("cookie", "")).get("sample")
        except CookieError:
            return None
        known = self.server.known.get(cookie.value) if cookie else None
        return known if known is not None and time.monotonic() < known.until else None

    @property
    def _language(self) -> str:
        return "fr" if self.headers.get("accept-language", "").lower().startswith("fr") else "en"

    @property
    def _words(self) -> dict[str, str]:
        return WORDS[self._language]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Log nothing: an address has what somebody put into a link."""


class Site(ThreadingHTTPServer):
    """The server, on loopback. Who has signed in is known until it stops."""

    daemon_threads = True

    def __init__(self, port: int, api: str) -> None:
        super().__init__(("127.0.0.1", port), Page)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.service = Service(api)
        self.known: dict[str, Known] = {}


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m samples.sign_in_page", description="A sample sign-in page.")
    parser.add_argument("--port", type=int, default=5174)
    parser.add_argument("--api", default="http://127.0.0.1:7071", help="address of the service")
    options = parser.parse_args()
    Site(options.port, options.api).serve_forever()


if __name__ == "__main__":
    main()
