"""Rule 5: a gate counts only if both the row and the token have it; a stolen token key alone proves nothing."""

from dataclasses import replace

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import Refused
from shared.domain.gates import on_row
from shared.domain.person import Attempt, Evidence, EvidenceClass, Purpose
from shared.domain.verification import PassedGate, ResetGrant, Verification, granted
from tests.builders import World, a_person, a_policy, a_world, an_attempt, an_attempt_id, at
from tests.fakes.clock import MONDAY_MORNING

MAILBOX = Evidence(kind=EvidenceClass.MAILBOX, destination="e")
LINE = Evidence(kind=EvidenceClass.PHONE_LINE, destination="m")
GATES = (
    PassedGate(gate=1, method="email", evidence=MAILBOX),
    PassedGate(gate=2, method="mobile_phone", evidence=LINE),
)
PASSED = (
    an_attempt(passed=MAILBOX, nonce="n"),
    an_attempt(id=an_attempt_id(gate=2, method="mobile_phone"), passed=LINE, nonce="n"),
)


def forged(world: World) -> ResetGrant:
    """Return the grant that a thief of the token key would make for Ada."""
    row = world.row()
    passed = tuple(
        PassedGate(gate=n, method=m.name, evidence=m.sealed.evidence) for n, m in enumerate(row.methods, start=1)
    )
    return ResetGrant(
        verification="forged",
        account=row.account,
        version=row.version,
        passed=passed,
        started_at=world.clock.now(),
        expires_at=at(hours=1),
    )


async def test_a_forged_reset_token_sets_no_password() -> None:
    """It has the right version, the right methods and a valid seal, but the row has no passed attempt."""
    world = a_world()
    await world.ada()
    with pytest.raises(Refused):
        await world.complete(world.seal(forged(world)))
    assert world.directory.calls.count("set_password") == 0


async def test_a_forged_token_past_gate_one_sets_no_password_with_one_proof() -> None:
    """The attacker has the phone and not the mailbox. The row has only one of the two gates of the grant."""
    world = a_world()
    await world.ada()
    begun = world.verification(await world.start())
    token = await world.challenge(world.seal(replace(begun, passed=forged(world).passed[:1])), "mobile_phone")
    outcome = await world.answer(token, world.code("mobile_phone"))
    with pytest.raises(Refused):
        await world.complete(outcome.reset_token)
    assert world.directory.calls.count("set_password") == 0


async def test_codes_that_were_sent_but_not_answered_prove_nothing() -> None:
    """The grant is for a real verification whose codes were sent and never answered."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    verification = world.verification(token)
    grant = granted(replace(verification, passed=forged(world).passed[:1]), world.clock.now(), world.policy)
    with pytest.raises(Refused):
        await world.complete(world.seal(grant))


@pytest.mark.parametrize("made", ["one_gate", "the_same_gate_twice", "a_gate_and_a_forged_one"])
async def test_a_token_with_one_passed_gate_sets_no_password(made: str) -> None:
    """One passed attempt on the row is one gate, even if the token lists more."""
    world = a_world()
    await world.ada()
    half = world.verification(await world.prove("ada", "email"))
    passed = {
        "one_gate": half.passed,
        "the_same_gate_twice": half.passed * 2,
        "a_gate_and_a_forged_one": (*half.passed, forged(world).passed[1]),
    }[made]
    grant = granted(replace(half, passed=passed), world.clock.now(), world.policy)
    with pytest.raises(Refused):
        await world.complete(world.seal(grant))


def test_passed_attempts_of_this_verification_count() -> None:
    """Both gates are on the row. They count for this verification and for no other."""
    row = a_person(attempts=PASSED)
    assert len(on_row(row, "v", GATES)) == 2
    assert len(on_row(row, "w", GATES)) == 0


def on_the_row(**changes: object) -> Attempt:
    return replace(PASSED[0], id=replace(PASSED[0].id, **changes))


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(on_the_row(purpose=Purpose.REGISTRATION), id="purpose"),
        pytest.param(on_the_row(gate=2), id="gate"),
        pytest.param(on_the_row(method="mobile_phone"), id="method"),
        pytest.param(on_the_row(verification="w"), id="verification"),
        pytest.param(replace(PASSED[0], passed=replace(MAILBOX, destination="x")), id="destination"),
        pytest.param(replace(PASSED[0], passed=replace(MAILBOX, kind=EvidenceClass.PAPER)), id="class"),
        pytest.param(replace(PASSED[0], passed=replace(MAILBOX, phishing_resistant=True)), id="resistance"),
        pytest.param(replace(PASSED[0], passed=None), id="not_passed"),
    ],
)
def test_every_part_of_a_gate_must_match_the_row(attempt: Attempt) -> None:
    """If one part differs from the token, the gate does not count."""
    assert len(on_row(a_person(attempts=(attempt, PASSED[1])), "v", GATES)) == 1


def test_a_grant_ends_no_later_than_its_verification() -> None:
    """So it also ends no later than the attempts that prove it."""
    verification = Verification(
        id="v", account=AccountKey("a"), code_key=1, started_at=MONDAY_MORNING, expires_at=at(seconds=1), idle_at=at()
    )
    assert granted(verification, MONDAY_MORNING, a_policy()).expires_at == at(seconds=1)


async def test_the_attempts_that_prove_a_grant_stay_on_the_row_until_it_ends() -> None:
    """Other writes do not remove them: the grant sets the password in its last second."""
    world = a_world(verification_seconds=900, reset_token_seconds=600, verify_failures_per_client_5min=1000)
    await world.ada()
    grant = await world.prove()
    world.clock.at = world.grant(grant).expires_at
    world.clock.move(seconds=-1)
    stranger = await world.challenge(await world.start(client="198.51.100.9"), client="198.51.100.9")
    with pytest.raises(Refused):
        await world.answer(stranger, "11111111", client="198.51.100.9")
    await world.complete(grant)
