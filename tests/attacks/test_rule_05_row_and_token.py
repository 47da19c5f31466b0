"""Rule 5: a gate counts only when the row says so and the token carries it; a stolen token key alone proves nothing."""

from dataclasses import replace

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import Refused
from shared.domain.gates import proved
from shared.domain.person import Purpose
from shared.domain.verification import PassedGate, ResetGrant, Verification, granted
from tests.builders import World, a_claim, a_person, a_policy, a_world, at
from tests.fakes.clock import MONDAY_MORNING

GATES = (
    PassedGate(gate=1, method="email", destination="e"),
    PassedGate(gate=2, method="mobile_phone", destination="m"),
)
USED = (
    a_claim(destination="e", used="n"),
    a_claim(gate=2, method="mobile_phone", channel="sms", destination="m", used="n"),
)


def forged(world: World) -> ResetGrant:
    """What a thief of the token key would make for ada."""
    row = world.row()
    passed = tuple(
        PassedGate(gate=n, method=m.name, destination=m.destination) for n, m in enumerate(row.methods, start=1)
    )
    now = world.clock.now()
    return ResetGrant(
        verification="forged", account=row.account, version=row.version, passed=passed, started_at=now,
        expires_at=at(hours=1),
    )  # fmt: skip


async def test_a_forged_reset_token_sets_no_password() -> None:
    """The right version, the right methods, a valid seal: and no used claim on the row."""
    world = a_world()
    await world.ada()
    with pytest.raises(Refused):
        await world.complete(world.seal(forged(world)))
    assert world.directory.calls.count("set_password") == 0


async def test_claims_that_were_sent_but_not_answered_prove_nothing() -> None:
    """A grant made for a real verification whose codes were sent and never typed."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    verification = world.verification(token)
    passed = (PassedGate(gate=1, method="email", destination=world.row().methods[0].destination),)
    grant = granted(replace(verification, passed=passed), world.clock.now(), world.policy)
    with pytest.raises(Refused):
        await world.complete(world.seal(grant))


async def test_a_token_that_left_a_gate_out_does_not_finish() -> None:
    """One used claim on the row is one gate, whatever the token's list of gates says."""
    world = a_world()
    await world.ada()
    half = world.verification(await world.prove("ada", "email"))
    for passed in (half.passed, half.passed * 2, (*half.passed, *forged(world).passed)):
        grant = granted(replace(half, passed=passed), world.clock.now(), world.policy)
        with pytest.raises(Refused):
            await world.complete(world.seal(grant))


def test_the_row_is_asked_about_every_part_of_a_gate() -> None:
    """Another purpose, verification, gate, method or destination, or an unused claim: the gate does not count."""
    row = a_person(claims=USED)
    assert proved(row, "v", GATES) == 2
    assert proved(row, "w", GATES) == 0
    for change in (
        {"purpose": Purpose.REGISTRATION}, {"gate": 2}, {"method": "mobile_phone"}, {"destination": "x"}, {"used": ""},
    ):  # fmt: skip
        changed = replace(row, claims=(replace(USED[0], **change), USED[1]))
        assert proved(changed, "v", GATES) == 1, change


def test_the_same_method_or_destination_twice_is_one_gate() -> None:
    """Email and SMS to one destination are one proof, and so are two codes by one method (R-26)."""
    same_place = (USED[0], replace(USED[1], destination="e"))
    gates = (GATES[0], replace(GATES[1], destination="e"))
    assert proved(a_person(claims=same_place), "v", gates) == 1
    same_method = (USED[0], replace(USED[1], method="email", channel="email"))
    gates = (GATES[0], replace(GATES[1], method="email"))
    assert proved(a_person(claims=same_method), "v", gates) == 1


async def test_the_second_gate_never_offers_what_the_first_has_used() -> None:
    """Neither by the method's name nor by its destination."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    outcome = await world.answer(token, world.code())
    assert outcome.methods == ("mobile_phone",)
    with pytest.raises(Exception, match="already_proved"):
        await world.ask(outcome.verification_token, "email")


async def test_one_mailbox_as_two_methods_opens_one_gate() -> None:
    """A row where both methods lead to one destination never yields a reset token."""
    world = a_world()
    await world.ada()
    row = world.row()
    shared = tuple(replace(method, destination=row.methods[0].destination) for method in row.methods)
    world.people.put(replace(row, methods=shared))
    token = await world.challenge(await world.start())
    outcome = await world.answer(token, world.code())
    assert outcome.methods == ()
    token = await world.challenge(outcome.verification_token, "mobile_phone")
    with pytest.raises(Refused):
        await world.answer(token, world.code("mobile_phone"))


def test_a_grant_never_outlives_its_verification() -> None:
    """Nor, then, the claims that prove it."""
    verification = Verification(
        id="v", account=AccountKey("a"), code_key=1, started_at=MONDAY_MORNING, expires_at=at(seconds=1), idle_at=at()
    )
    assert granted(verification, MONDAY_MORNING, a_policy()).expires_at == at(seconds=1)
