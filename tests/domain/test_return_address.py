"""A page sends people back to addresses of the operator's list only: no open redirect (M14)."""

import pytest

from shared.domain.return_address import ReturnAddress, allowed, fault_of

PORTAL = ReturnAddress("Portal", "https://portal.example.org/start")
WIKI = ReturnAddress("Wiki", "https://wiki.example.org:8443/", takes_query=True)

HOSTILE = {
    "another site": "https://evil.example/start",
    "suffix of the host": "https://{host}.evil.example{path}",
    "prefix of the host": "https://evil{host}{path}",
    "subdomain": "{scheme}://www.{host}{path}",
    "user name": "{scheme}://{host}@evil.example{path}",
    "user name before the host": "{scheme}://evil@{host}{path}",
    "encoded user name": "{scheme}://{host}%40evil.example{path}",
    "backslash": "{scheme}://{host}\\@evil.example{path}",
    "backslashes": "\\\\evil.example{path}",
    "scheme-relative": "//evil.example{path}",
    "scheme-relative to the host": "//{host}{path}",
    "no slashes": "{scheme}:{host}{path}",
    "three slashes": "{scheme}:///{host}{path}",
    "relative": "{path}",
    "javascript": "javascript:alert(1)//{host}{path}",
    "javascript with a line": "javascript://{host}{path}%0aalert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "another scheme": "ftp://{host}{path}",
    "scheme in capitals": "HTTPS://{host}{path}",
    "host in capitals": "{scheme}://{HOST}{path}",
    "trailing dot": "{scheme}://{host}.{path}",
    "full-width dot": "{scheme}://evil\uff0eexample{path}",
    "ideographic full stop": "{scheme}://{host}\u3002evil.example{path}",
    "look-alike letter": "{scheme}://p\u043ertal.example.org{path}",
    "punycode": "{scheme}://xn--prtal-jye.example.org{path}",
    "another port": "{scheme}://{host}:81{path}",
    "empty port": "{scheme}://{host}:{path}",
    "port with a user name": "{scheme}://{host}:443@evil.example{path}",
    "IP address": "https://0x7f000001{path}",
    "IPv6 address": "https://[::1]{path}",
    "fragment": "{scheme}://{host}{path}#@evil.example",
    "query": "{scheme}://{host}{path}?next=https://evil.example",
    "longer path": "{scheme}://{host}{path}/more",
    "path traversal": "{scheme}://{host}{path}/../admin",
    "encoded path traversal": "{scheme}://{host}/%2e%2e{path}",
    "double slash": "{scheme}://{host}/{path}",
    "path in capitals": "{scheme}://{host}{PATH}",
    "encoded letter": "{scheme}://{host}{path}%00",
    "encoded whole": "{scheme}%3A%2F%2F{host}{path}",
    "tab in the scheme": "java\tscript:alert(1)",
    "tab in the host": "{scheme}://ev\til.example{path}",
    "line break": "{scheme}://{host}{path}\r\nLocation: https://evil.example",
    "leading blank": " {scheme}://{host}{path}",
    "trailing blank": "{scheme}://{host}{path} ",
    "zero-width space": "{scheme}://{host}{path}\u200b",
    "null": "{scheme}://{host}{path}\0",
    "two addresses": "https://evil.example,{scheme}://{host}{path}",
    "too long": "{scheme}://{host}{path}?" + "a" * 3000,
    "empty": "",
}
"""Addresses that must lead nowhere, as changes of one that is allowed. They go to the sample page too (tests/e2e)."""


def hostile(like: str) -> dict[str, str]:
    """Return them for an allowed address."""
    scheme, _, rest = like.partition("://")
    host, slash, path = rest.partition("/")
    parts = {"scheme": scheme, "host": host, "path": slash + path}
    parts |= {"HOST": host.upper() if host.upper() != host else f"{host}.", "PATH": parts["path"].upper()}
    return {name: form.format(**parts) for name, form in HOSTILE.items()}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_address_is_refused(name: str) -> None:
    """Whatever browsers make of it, it is not one of the list."""
    assert allowed(hostile(PORTAL.address)[name], (PORTAL, WIKI)) is None


@pytest.mark.parametrize(
    ("text", "name", "to"),
    [
        ("https://portal.example.org/start", "Portal", "https://portal.example.org/start"),
        ("https://portal.example.org/start?", "Portal", "https://portal.example.org/start"),
        ("https://wiki.example.org:8443/", "Wiki", "https://wiki.example.org:8443/"),
        ("https://wiki.example.org:8443/?page=a%20b&x=1", "Wiki", "https://wiki.example.org:8443/?page=a%20b&x=1"),
    ],
)
def test_a_listed_address_is_allowed_with_its_name(text: str, name: str, to: str) -> None:
    """A query only where the entry says so."""
    found = allowed(text, (PORTAL, WIKI))
    assert found is not None
    assert (found[0].name, found[1]) == (name, to)


@pytest.mark.parametrize(
    ("address", "local", "sound"),
    [
        ("https://portal.example.org/", False, True),
        ("https://portal.example.org/start?", False, True),
        ("http://127.0.0.1:5174/continue", True, True),
        ("http://127.0.0.1:5174/continue", False, False),
        ("http://portal.example.org/", True, False),
        ("https://portal.example.org", False, False),
        ("https://portal.example.org:443/", False, False),
        ("https://Portal.example.org/", False, False),
        ("https://*.example.org/", False, False),
        ("https://portal.example.org/a/../b", False, False),
        ("https://portal.example.org/?a=b", False, False),
        ("https://portal.example.org/#a", False, False),
        ("https://user@portal.example.org/", False, False),
        ("/start", False, False),
    ],
)
def test_an_entry_of_the_list_is_exact_and_encrypted(address: str, local: bool, sound: bool) -> None:
    """A wildcard or a spelling that browsers change would allow more, or nothing at all."""
    assert (fault_of(address, local=local) == "") is sound
