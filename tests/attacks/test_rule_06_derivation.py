"""Rule 6: a code is bound to everything it is for; change one bound value and it is another."""

from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Refused
from shared.domain.one_time_code import CodeBinding, codes_match, derive_code, typed_code
from shared.domain.person import Purpose
from shared.usecases.verify import Granted
from tests.builders import a_world
from tests.fakes.keys import a_key, a_keyring

KEY = a_key("code 1")
BINDING = CodeBinding(
    purpose=Purpose.RESET, code_key=1, account="a", verification="v", gate=1, method="email", channel="email",
    destination="d", send=1,
)  # fmt: skip
OTHER = {"purpose": Purpose.REGISTRATION, "code_key": 2, "gate": 2, "send": 2}


def twelve(binding: CodeBinding, key: bytes = KEY) -> str:
    """Twelve digits: two that agree by chance would be one in 10^12."""
    return derive_code(key, binding, digits=12)


@pytest.mark.parametrize("bound", [field.name for field in fields(CodeBinding)])
def test_every_bound_value_makes_another_code(bound: str) -> None:
    """Leave one out of the derivation and a code of another purpose, account, gate or address would fit (R-13)."""
    assert twelve(replace(BINDING, **{bound: OTHER.get(bound, "another")})) != twelve(BINDING)
    assert twelve(BINDING, a_key("code 2")) != twelve(BINDING)


def test_neighbouring_values_do_not_run_into_each_other() -> None:
    """("ab", "c") and ("a", "bc") are different bindings: lengths are part of what is hashed."""
    assert twelve(replace(BINDING, account="ab", verification="c")) != twelve(
        replace(BINDING, account="a", verification="bc")
    )
    assert twelve(replace(BINDING, method="", channel="emailemail")) != twelve(BINDING)


def test_a_known_code_stays_what_it_is() -> None:
    """A change of the derivation would kill every code on its way when a new build starts."""
    assert derive_code(KEY, BINDING, digits=8) == "69195607"
    assert derive_code(KEY, BINDING, digits=12) == "554769195607"


def test_codes_are_spread_evenly() -> None:
    """Every digit at every place about as often as any other, over 5,000 codes, leading zeros too."""
    codes = [derive_code(KEY, replace(BINDING, send=send), digits=8) for send in range(5000)]
    for place in range(8):
        counts = Counter(code[place] for code in codes)
        assert len(counts) == 10
        assert 400 < min(counts.values()) <= max(counts.values()) < 600


@given(st.text(max_size=40))
def test_only_ascii_digits_are_a_code(text: str) -> None:
    """Whatever is typed becomes ASCII digits or nothing, and nothing matches no code."""
    typed = typed_code(text)
    assert typed == "" or (typed.isascii() and typed.isdigit())
    assert not codes_match(KEY, "", derive_code(KEY, BINDING, digits=8))


async def test_a_code_never_fits_another_verification_or_account() -> None:
    """Codes of one's own account, of another start and of another person are wrong here."""
    world = a_world(verify_failures_per_client_5min=100)
    await world.ada()
    await world.account("bob", email="bob@mail.example")
    await world.challenge(await world.start("bob"))
    await world.challenge(await world.start("ada"))
    token = await world.challenge(await world.start("ada"))
    bobs, adas_other, _ = world.codes()
    for code in (bobs, adas_other):
        with pytest.raises(Refused):
            await world.answer(token, code)
    await world.answer(token, world.code())


async def test_a_registration_code_never_proves_a_reset() -> None:
    """Purposes differ: the code that confirmed the address is nothing at the gate, nor the other way round."""
    world = a_world(gates=1)
    await world.account("ada")
    session = await world.sign_in()
    await world.register(session, "email", "ada@mail.example")
    registered_with = world.code()
    token = await world.challenge(await world.start())
    with pytest.raises(Refused):
        await world.answer(token, registered_with)


async def test_codes_outlive_a_rotation_of_their_key() -> None:
    """The version is pinned in token, claim and message: a code asked for under key 1 is right under keys 1 and 2."""
    world = a_world(gates=1)
    await world.ada()
    token = await world.ask(await world.start())
    rotated = a_keyring(code_versions=(1, 2))
    assert rotated.code_key_version == 2
    world.adapters.keyring = rotated
    world.forget_what_was_built()
    await world.deliver()
    assert isinstance(await world.answer(token, world.code()), Granted)


async def test_a_key_that_is_gone_refuses_and_does_not_break() -> None:
    """A version that is no longer held reads as a wrong answer."""
    world = a_world(gates=1)
    await world.ada()
    token = await world.challenge(await world.start())
    world.adapters.keyring = a_keyring(code_versions=(2,))
    world.forget_what_was_built()
    world.clock.move(seconds=1)
    with pytest.raises(Refused):
        await world.answer(token, world.code())
    assert world.clock.now() - world.row().claims[0].claimed_at == timedelta(seconds=1)
