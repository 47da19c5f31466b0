"""Email addresses: common addresses are accepted, and none that a mail library could read in two ways."""
# ruff: noqa: RUF001  (characters that look like others are part of the subject)

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.validation.email_address import email_address


@pytest.mark.parametrize(
    ("typed", "text", "canonical"),
    [
        ("alice@example.org", "alice@example.org", "alice@example.org"),
        ("  alice@example.org ", "alice@example.org", "alice@example.org"),
        ("Alice.M@Example.ORG", "Alice.M@example.org", "alice.m@example.org"),
        ("o'neil+sspr@mail.example.co.uk", "o'neil+sspr@mail.example.co.uk", "o'neil+sspr@mail.example.co.uk"),
        ("a@b.fr", "a@b.fr", "a@b.fr"),
        ("{x}_$&=?/^~#*-@1and1.example", "{x}_$&=?/^~#*-@1and1.example", "{x}_$&=?/^~#*-@1and1.example"),
        ("zoe@Bücher.EXAMPLE", "zoe@xn--bcher-kva.example", "zoe@xn--bcher-kva.example"),
        ("zoe@bücher.example", "zoe@xn--bcher-kva.example", "zoe@xn--bcher-kva.example"),
        ("zoe@xn--bcher-kva.example", "zoe@xn--bcher-kva.example", "zoe@xn--bcher-kva.example"),
        ("zoe@XN--BCHER-KVA.example", "zoe@xn--bcher-kva.example", "zoe@xn--bcher-kva.example"),
        ("zoe@straße.example", "zoe@xn--strae-oqa.example", "zoe@xn--strae-oqa.example"),
        ("l" * 64 + "@example.org", "l" * 64 + "@example.org", "l" * 64 + "@example.org"),
    ],
)
def test_common_email_addresses_are_accepted(typed: str, text: str, canonical: str) -> None:
    """Outer blanks are removed, the domain becomes lower-case ASCII, and the local part stays as typed."""
    address = email_address(typed)
    assert (address.text, address.canonical) == (text, canonical)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "alice", "@", "@example.org", "alice@", "alice@localhost", "alice@example..org", "alice@.example.org",
        "alice@example.org.", ".alice@example.org", "alice.@example.org", "al..ice@example.org", "al ice@example.org",
        "alice@exa mple.org", "alice @example.org", "alice@example.org,bob@example.com",
        "alice@example.org, bob@example.com", "alice@example.org;bob@example.com", "alice@example.org bob@example.com",
        "alice@example.org]bob@example.com", "alice@bob@example.com", "<alice@example.org>",
        "Alice <alice@example.org>", '"alice"@example.org', '"a@b"@example.org', "alice(comment)@example.org",
        "alice@(comment)example.org", "alice@[127.0.0.1]", "alice@127.0.0.1", "alice@[IPv6:::1]", "alice@example.123",
        "alice@example.org\n", "alice@example.org\r\nBcc: bob@example.com", "alice\r\n@example.org",
        "alice\t@example.org", "alice@example.org\x00", "alice%bob@example.org", "relay!alice@example.org",
        "al|ice@example.org", "al`ice@example.org", "al:ice@example.org", "al\\ice@example.org",
        "mailto:alice@example.org", "élodie@example.org", "аlice@example.org", "alice@exam_ple.org",
        "alice@-example.org", "alice@example-.org", "alice@ex--ample.org", "alice@" + "a" * 64 + ".org",
        "alice@example\u3002org", "alice＠example.org", "alice@ｅxample.org", "alice@\u212aelvin.org",
        "alice@ⓔxample.org", "alice@ﬁrm.org", "alice@exam\u200bple.org", "alice@exam\u00adple.org",
        "alice@\u202eexample.org", "alice@xn--zzzzzz99999.org", "alice@xn--example.org", "alice@xn--.org",
        "l" * 65 + "@example.org", "alice@ex\ud800ample.org",
    ],
)  # fmt: skip
def test_other_forms_of_email_addresses_are_malformed(text: str) -> None:
    """Lists, names, comments, quotes, literals, routes, line ends, look-alikes (A-18, A-22, A-24)."""
    with pytest.raises(InvalidInput, match="contact: malformed"):
        email_address(text)


@pytest.mark.parametrize("text", ["a@" + "b" * 60 + ".example" * 30, "é" * 100_000, "a@" + "é" * 200 + ".fr"])
def test_long_email_addresses_are_refused_before_parsing(text: str) -> None:
    """At most 254 characters, in the form that is stored."""
    with pytest.raises(InvalidInput, match=r"contact: (too_long|malformed)"):
        email_address(text)


def test_the_length_limit_of_an_email_address_is_exact() -> None:
    """254 characters are accepted and 255 are not."""
    domain = ".".join(["d" * 62] * 3) + ".fr"
    longest = "l" * (254 - len(domain) - 1) + "@" + domain
    assert email_address(longest).text == longest
    with pytest.raises(InvalidInput, match="too_long"):
        email_address("l" + longest)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("alice@contoso.example", ["contoso.example"]),
        ("alice@CONTOSO.example", ["Contoso.Example"]),
        ("alice@mail.contoso.example", ["*.contoso.example"]),
        ("alice@a.b.contoso.example", ["fabrikam.example", "*.contoso.example"]),
    ],
)
def test_mailboxes_of_the_same_directory_are_refused(text: str, refused: list[str]) -> None:
    """Such a mailbox is locked together with the account, so it cannot help to reset the password (M4)."""
    with pytest.raises(InvalidInput, match="email: not_allowed"):
        email_address(text, refused_domains=refused, field="email")


@pytest.mark.parametrize(
    "text", ["alice@notcontoso.example", "alice@alumni.contoso.example", "alice@contoso.example.org"]
)
def test_other_domains_are_not_confused_with_refused_ones(text: str) -> None:
    """An entry is one whole domain. Only an entry with `*.` includes the domains below it."""
    assert email_address(text, refused_domains=["contoso.example"])


@settings(max_examples=500)
@given(st.one_of(st.text(max_size=60), st.from_regex(r"[a-zA-Z0-9.<>,;:\"\\( )\[\]@\r\n-]{0,30}", fullmatch=True)))
def test_an_accepted_email_address_has_one_reading(text: str) -> None:
    """Python's mail library reads it as exactly one address, which is the stored one."""
    try:
        address = email_address(text)
    except InvalidInput:
        return
    message = EmailMessage()
    message["To"] = address.text
    assert [one.addr_spec for one in message["To"].addresses] == [address.text]


@settings(max_examples=300)
@given(st.emails())
def test_an_accepted_email_address_is_stable(text: str) -> None:
    """Read again, a stored address does not change."""
    try:
        address = email_address(text)
    except InvalidInput:
        return
    assert email_address(address.text) == address
    assert email_address(address.canonical).canonical == address.canonical
