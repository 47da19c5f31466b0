"""Rule 6: a code is bound to everything that it is for; if one bound value differs, the code differs."""

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.code_shape import CodeShape
from shared.domain.errors import AnswerRefused, InvalidInput
from shared.domain.person import Purpose, SentCode
from shared.domain.sent_codes import codes_match, derive_code
from shared.usecases.verify import Granted
from shared.validation.typed_code import typed_code
from tests.builders import a_sent_code, a_world, an_attempt_id, at
from tests.fakes.keys import a_key, a_keyring

KEY = a_key("code 1")
SENT = a_sent_code(destination="d")


def twelve(sent: SentCode = SENT, *, account: str = "a", key: bytes = KEY) -> str:
    """Return a code of twelve digits. Two codes are equal by chance once in 10^12."""
    return derive_code(key, account, sent, digits=12)


def bound(**changes: object) -> SentCode:
    """Return the same code, bound to another attempt."""
    return replace(SENT, id=replace(SENT.id, attempt=an_attempt_id(**changes)))


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(bound(purpose=Purpose.REGISTRATION), id="purpose"),
        pytest.param(bound(verification="another"), id="verification"),
        pytest.param(bound(gate=2), id="gate"),
        pytest.param(bound(method="another"), id="method"),
        pytest.param(replace(SENT, id=replace(SENT.id, channel="another")), id="channel"),
        pytest.param(replace(SENT, id=replace(SENT.id, send=2)), id="send"),
        pytest.param(replace(SENT, destination="another"), id="destination"),
        pytest.param(replace(SENT, code_key=2), id="key_version"),
    ],
)
def test_every_bound_value_makes_another_code(sent: SentCode) -> None:
    """If a value were left out, a code of another purpose, verification, gate or address would fit (R-13)."""
    assert twelve(sent) != twelve()


def test_another_account_or_key_makes_another_code() -> None:
    """The code is derived from both."""
    assert len({twelve(), twelve(account="another"), twelve(key=a_key("code 2"))}) == 3


def test_the_time_and_nonce_of_a_claim_do_not_change_its_code() -> None:
    """The code is derived when it is sent and again when it is answered, so only bound values may matter."""
    assert twelve(replace(SENT, claimed_at=at(hours=1), leaves_at=at(hours=2), nonce="another")) == twelve()


def test_the_boundary_between_two_values_changes_the_code() -> None:
    """("ab", "c") and ("a", "bc") are different bindings, because lengths are hashed too."""
    assert twelve(bound(verification="c"), account="ab") != twelve(bound(verification="bc"), account="a")
    run_together = replace(bound(method=""), id=replace(bound(method="").id, channel="emailemail"))
    assert twelve(run_together) != twelve()


def test_the_derivation_of_codes_does_not_change() -> None:
    """A changed derivation would invalidate every sent code when a new build starts."""
    assert derive_code(KEY, "a", SENT, digits=8) == "69195607"
    assert derive_code(KEY, "a", SENT, digits=12) == "554769195607"


def test_digits_of_codes_are_evenly_distributed() -> None:
    """Over 5,000 codes, each digit occurs about equally often at every position, leading zeros too."""
    codes = [derive_code(KEY, "a", replace(SENT, id=replace(SENT.id, send=send)), digits=8) for send in range(5000)]
    for place in range(8):
        counts = Counter(code[place] for code in codes)
        assert len(counts) == 10
        assert 400 < min(counts.values()) <= max(counts.values()) < 600


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[0-9 #a-z.-]{0,40}", fullmatch=True)))
def test_only_digits_are_a_code(text: str) -> None:
    """Every text gives exactly as many ASCII digits, which stand in it as decimal digits, or InvalidInput (A-32)."""
    try:
        typed = typed_code(text, CodeShape(8))
    except InvalidInput:
        return
    assert re.fullmatch("[0-9]{8}", typed)
    assert typed in "".join(str(unicodedata.decimal(character)) for character in text if character.isdecimal())


def test_an_empty_text_and_a_part_of_a_code_match_no_code() -> None:
    """The comparison itself refuses them, even if a caller does not check the form."""
    code = derive_code(KEY, "a", SENT, digits=8)
    assert codes_match(KEY, code, code)
    assert not any(codes_match(KEY, typed, code) for typed in ("", code[:7], code + "0", f" {code}"))


async def test_a_code_is_wrong_for_another_verification_or_account() -> None:
    """Codes of another verification of the same account and of another account are wrong."""
    world = a_world(verify_failures_per_client_5min=100)
    await world.ada()
    await world.account("bob", email="bob@mail.example")
    await world.challenge(await world.start("bob"))
    await world.challenge(await world.start("ada"))
    token = await world.challenge(await world.start("ada"))
    bobs, adas_other, _ = world.codes()
    for code in (bobs, adas_other):
        with pytest.raises(AnswerRefused):
            await world.answer(token, code)
    await world.answer(token, world.code())


async def test_a_reset_code_does_not_confirm_a_registration() -> None:
    """The purposes differ, even for the same address."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    await world.challenge(await world.start())
    resets = world.code()
    await world.begin(session, "email", "ada@mail.example")
    await world.deliver()
    with pytest.raises(AnswerRefused):
        await world.confirm(session, "email", resets)
    await world.confirm(session, "email")


async def test_a_registration_code_does_not_pass_a_gate() -> None:
    """The purposes differ, even for the same address."""
    world = a_world(gates=1)
    await world.account("ada")
    session = await world.sign_in()
    await world.register(session, "email", "ada@mail.example")
    registered_with = world.code()
    token = await world.challenge(await world.start())
    with pytest.raises(AnswerRefused):
        await world.answer(token, registered_with)


async def test_a_code_stays_right_after_a_rotation_of_its_key() -> None:
    """Token, claim and message have the key version. A code made under key 1 is right under keys 1 and 2."""
    world = a_world(gates=1)
    await world.ada()
    token = await world.ask(await world.start())
    rotated = a_keyring(code_versions=(1, 2))
    assert rotated.code_key_version == 2
    world.adapters.keyring = rotated
    world.forget_what_was_built()
    await world.deliver()
    assert isinstance(await world.answer(token, world.code()), Granted)


async def test_a_code_whose_key_was_removed_is_refused_like_a_wrong_one() -> None:
    """It is answered and counted like a wrong answer."""
    world = a_world(gates=1)
    await world.ada()
    token = await world.challenge(await world.start())
    world.adapters.keyring = a_keyring(code_versions=(2,))
    world.forget_what_was_built()
    world.clock.move(seconds=1)
    with pytest.raises(AnswerRefused):
        await world.answer(token, world.code())
    assert world.clock.now() - world.row().sent_codes[0].claimed_at == timedelta(seconds=1)
    assert [attempt.tries for attempt in world.row().attempts] == [1]
