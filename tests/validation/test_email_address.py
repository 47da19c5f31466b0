"""Email addresses: common addresses are accepted, and none that a mail library could read in two ways."""
# ruff: noqa: RUF001  (characters that look like others are part of the subject)

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.contact import EmailAddress
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
    ("typed", "text"),
    [
        ("Alice <alice@example.org>", "alice@example.org"), ('"M, Alice" <alice@example.org>;', "alice@example.org"),
        ("<alice@example.org>", "alice@example.org"), ("mailto:alice@example.org?subject=x", "alice@example.org"),
        ("MAILTO:alice%2Ba@example.org", "alice+a@example.org"), ("(alice@example.org).", "alice@example.org"),
        ("mailto://alice@example.org", "alice@example.org"), ("\u2039alice@example.org\u203a", "alice@example.org"),
        ("'alice@example.org',", "alice@example.org"), ("alice@example.org.", "alice@example.org"),
        ("alice@example.org\n", "alice@example.org"), ("\ufeffalice@exam\u200bple.org\u00a0", "alice@example.org"),
        ("\u202dalice@example.org\u202c", "alice@example.org"), ("alice\uff20example.org", "alice@example.org"),
        ("jean\u2011luc@example.org", "jean-luc@example.org"), ("o\u2019neil@example.org", "o'neil@example.org"),
        ("alice@example\u3002org", "alice@example.org"), ("alice@\uff45xample.org", "alice@example.org"),
        ("alice@\u24d4xample.org", "alice@example.org"), ("alice@\u212aelvin.org", "alice@kelvin.org"),
    ],
)  # fmt: skip
def test_a_pasted_email_address_is_read(typed: str, text: str) -> None:
    """With a name, a scheme, quotes, punctuation and what cannot be seen; the domain is mapped by UTS 46."""
    assert email_address(typed).text == text


@pytest.mark.parametrize(
    ("typed", "shown", "masked"),
    [
        (
            "Ada@Mail.Example",
            "Ada@Mail.Example",
            "A\u2022\u2022\u2022\u2022\u2022@M\u2022\u2022\u2022\u2022\u2022.Example",
        ),
        (
            " zoe@bücher\u3002example",
            "zoe@bücher.example",
            "z\u2022\u2022\u2022\u2022\u2022@b\u2022\u2022\u2022\u2022\u2022.example",
        ),
        (
            "ada@mail.example",
            "ada@mail.example",
            "a\u2022\u2022\u2022\u2022\u2022@m\u2022\u2022\u2022\u2022\u2022.example",
        ),
    ],
)
def test_an_email_address_is_shown_as_typed_and_kept_so(typed: str, shown: str, masked: str) -> None:
    """To its owner. It is compared and mailed to in its canonical form."""
    address = email_address(typed)
    assert (address.shown, address.masked) == (shown, masked)
    assert EmailAddress.from_kept(address.kept) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"), (" \u200b", "missing"), ("alice", "no_at"), ("mailto:", "no_at"), ("+33612345678", "no_at"),
        ("@", "no_local_part"), ("@example.org", "no_local_part"), ("alice@", "no_domain"),
        ("alice@localhost", "domain_without_dot"), ("alice@example..org", "bad_domain"),
        ("alice@.example.org", "bad_domain"), (".alice.@example.org", "unknown_characters"),
        ("al..ice@example.org", "unknown_characters"), ("al ice@example.org", "has_blank"),
        ("alice@exa mple.org", "has_blank"), ("alice\t@example.org", "has_blank"),
        ("alice@example.org,bob@example.com", "several_addresses"), ("alice@bob@example.com", "several_addresses"),
        ("alice@example.org bob@example.com", "several_addresses"),
        ("alice@example.org]bob@example.com", "several_addresses"),
        ("alice@example.org\r\nBcc: bob@example.com", "several_addresses"),
        ("a@b.example <c@d.example>", "several_addresses"), ('"a@b"@example.org', "several_addresses"),
        ("alice(comment)@example.org", "unknown_characters"), ("alice@(comment)example.org", "bad_domain"),
        ("alice@[127.0.0.1]", "bad_domain"), ("alice@127.0.0.1", "bad_domain"), ("alice@[IPv6:::1]", "bad_domain"),
        ("alice@example.123", "bad_domain"), ("alice@example.org\x00", "bad_domain"),
        ("alice%bob@example.org", "unknown_characters"), ("relay!alice@example.org", "unknown_characters"),
        ("al|ice@example.org", "unknown_characters"), ("al`ice@example.org", "unknown_characters"),
        ("al:ice@example.org", "unknown_characters"), ("al\\ice@example.org", "unknown_characters"),
        ("élodie@example.org", "unknown_characters"), ("аlice@example.org", "unknown_characters"),
        ("alice@exam_ple.org", "bad_domain"), ("alice@-example.org", "bad_domain"),
        ("alice@example-.org", "bad_domain"), ("alice@ex--ample.org", "bad_domain"),
        ("alice@" + "a" * 64 + ".org", "bad_domain"), ("alice@xn--zzzzzz99999.org", "bad_domain"),
        ("alice@xn--example.org", "bad_domain"), ("alice@xn--.org", "bad_domain"),
        ("l" * 65 + "@example.org", "too_long"), ("alice@ex\ud800ample.org", "bad_domain"),
        ("mailto:a@b.example,c@d.example", "several_addresses"),
        ("mailto:a@b.example%0d%0aBcc:c@d.example", "several_addresses"),
    ],
)  # fmt: skip
def test_a_refused_email_address_says_what_is_wrong(text: str, reason: str) -> None:
    """Lists, comments, quotes, literals, routes, line ends, other scripts (A-18, A-22, A-24)."""
    with pytest.raises(InvalidInput) as refused:
        email_address(text)
    assert (refused.value.field, refused.value.reason) == ("contact", reason)


@pytest.mark.parametrize("text", ["a@" + "b" * 60 + ".example" * 30, "é" * 100_000, "a@" + "é" * 200 + ".fr"])
def test_long_email_addresses_are_refused_before_parsing(text: str) -> None:
    """At most 254 characters, in the form that is stored."""
    with pytest.raises(InvalidInput, match=r"contact: (too_long|bad_domain|no_at)"):
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
    with pytest.raises(InvalidInput, match="email: domain_not_allowed"):
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
    """Read again, an address as it is sent, shown and compared does not change."""
    try:
        address = email_address(text)
    except InvalidInput:
        return
    assert email_address(address.text).text == address.text
    assert email_address(address.shown) == address
    assert email_address(address.canonical).canonical == address.canonical
