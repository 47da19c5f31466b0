"""Rule 11: a completion sets one password once, in a directory whose writes cannot be rolled back."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.account import ManagedBy
from shared.domain.errors import OutcomeUnknown, PasswordRefused, Refused, TooLate, TryAgain
from shared.domain.person import FIRST_VERSION
from shared.domain.roles import Role
from shared.domain.trail import NoticeOrder
from shared.ports.directory import AccountChanged, DirectoryUnknown, PasswordNotTaken
from shared.usecases.set_password import SetPassword
from shared.usecases.verify import Granted, NextGate
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_world
from tests.fakes.people import Fault

DOUBT = "could not find out"
LONG = {"verification_seconds": 1800, "reset_token_seconds": 600}


async def proven(**knobs: int) -> tuple[World, str]:
    """Return a world where Ada has passed her last gate, and her reset token."""
    world = a_world(**{**LONG, **knobs})
    await world.ada()
    return world, await world.prove()


def untouched(world: World) -> bool:
    """Whether nothing is left of an attempt: no mark, no notice, no ended session, no write to the directory."""
    row = world.row()
    left = (row.completion, row.completion_until, row.notices, row.session_version, row.recent)
    return left == ("", None, (), FIRST_VERSION, {})


async def test_parallel_completions_set_exactly_one_password() -> None:
    """Of 30 parallel completions with 30 passwords one succeeds, and its password signs in."""
    world, token = await proven()
    passwords = [f"{NEW_PASSWORD} number {n}" for n in range(30)]
    told = await asyncio.gather(*(world.complete(token, p) for p in passwords), return_exceptions=True)
    assert Counter(type(result).__name__ for result in told) == {"NoneType": 1, "Refused": 29}
    assert world.directory.calls.count("set_password") == 1
    await world.sign_in(password=passwords[told.index(None)])


async def test_a_completion_invalidates_every_token_of_the_account() -> None:
    """Its own token, and that of a second verification that passed its gates at the same time."""
    world, first = await proven()
    world.clock.move(minutes=1)
    second = await world.prove()
    third = await world.ask(await world.start(client="198.51.100.1"))
    await world.complete(first)
    for token in (first, second):
        with pytest.raises(Refused):
            await world.complete(token, "another password than that")
    await world.deliver()
    with pytest.raises(Refused):
        await world.answer(third, world.code())


async def test_without_a_reservation_the_directory_is_not_called() -> None:
    """The reservation is written first."""
    world, token = await proven()
    world.people.faults = [Fault.CONFLICT] * 20
    with pytest.raises(TryAgain):
        await world.complete(token)
    assert world.directory.calls.count("set_password") == 0


async def test_the_notice_is_promised_before_the_directory_is_called() -> None:
    """And before the row: no moment leaves a notice that nobody sends. If the promise fails, the token still works."""
    world, token = await proven()
    world.adapters.promised.is_lost = True
    with pytest.raises(TryAgain) as lost:
        await world.complete(token)
    assert world.directory.calls.count("set_password") == 0
    assert untouched(world)
    assert world.row().notices == ()
    world.adapters.promised.is_lost = False
    assert lost.value.reset_token is None
    await world.complete(token)
    assert len(world.adapters.promised.promises) == 1


async def test_a_refusal_by_the_directory_keeps_the_proof_for_five_attempts() -> None:
    """Each token is used once and has a new version and the same expiry. The sixth attempt is refused."""
    world, token = await proven()
    expires_at = world.grant(token).expires_at
    versions = {world.row().version}
    for attempt in range(1, 6):
        world.directory.answers = [PasswordNotTaken(["history"])]
        with pytest.raises(PasswordRefused) as refused:
            await world.complete(token)
        assert refused.value.reasons == ("history",)
        with pytest.raises(Refused):
            await world.complete(token, "another password than that")
        assert refused.value.reset_token is not None
        token = refused.value.reset_token
        assert world.grant(token).attempt == attempt + 1
        assert world.grant(token).expires_at == expires_at
        versions.add(world.row().version)
    assert len(versions) == 6
    assert untouched(world)
    with pytest.raises(Refused):
        await world.complete(token)
    assert world.directory.calls.count("set_password") == 5


async def test_the_token_that_a_refusal_gave_back_sets_the_password() -> None:
    """The first password is refused, the second one is accepted."""
    world, token = await proven()
    world.directory.answers = [PasswordNotTaken(["history"])]
    with pytest.raises(PasswordRefused) as refused:
        await world.complete(token)
    await world.complete(refused.value.reset_token or "")
    await world.sign_in(password=NEW_PASSWORD)


@pytest.mark.parametrize("weak", ["short", "passwordpassword", "x" * 300], ids=["too_short", "common", "too_long"])
async def test_a_password_that_breaks_our_rules_costs_no_attempt(weak: str) -> None:
    """It is refused before row and directory are changed, so the same token can be used again."""
    world, token = await proven()
    row = world.row()
    with pytest.raises(PasswordRefused) as refused:
        await world.complete(token, weak)
    assert refused.value.reset_token == token
    assert world.row() == row
    await world.complete(token)


async def test_a_password_made_of_ones_own_name_is_refused() -> None:
    """The names are known only after the directory was read, so it costs an attempt. The proof can be used again."""
    world = a_world()
    await world.account("penelope.featherstone", email="p@mail.example", mobile_phone="+33639980002")
    token = await world.prove("penelope.featherstone")
    with pytest.raises(PasswordRefused) as refused:
        await world.complete(token, "penelope.featherstone")
    assert refused.value.reset_token not in {None, token}
    assert world.directory.calls.count("set_password") == 0


async def a_role_given(world: World) -> None:
    """Ada becomes an administrator, so she needs two gates."""
    world.directory.granted("ada", Role.ADMINISTRATOR)


async def disabled(world: World) -> None:
    await world.directory.set_enabled("ada", enabled=False)


async def deleted(world: World) -> None:
    world.directory.accounts.clear()


async def changed_meanwhile(world: World) -> None:
    """The password was set in the directory after this verification began."""
    world.directory.changed("ada", PASSWORD)


@pytest.mark.parametrize(
    ("whom", "code"),
    [
        (ManagedBy.ON_PREMISES, "managed_on_premises"),
        (ManagedBy.ANOTHER_ORGANISATION, "managed_elsewhere"),
        (ManagedBy.ADMINISTRATORS, "managed_by_administrators"),
    ],
)
async def test_a_password_that_somebody_else_manages_is_refused_with_the_reason_after_the_proof(
    whom: ManagedBy, code: str
) -> None:
    """Every step before gives the answers of an account of ours. Nothing is left of it, and nothing was written."""
    answers = []
    for managed_by in (ManagedBy.THIS_DIRECTORY, whom):
        world = a_world(gates=2, **LONG)
        await world.ada()
        world.directory.managed_by("ada", managed_by)
        token = await world.prove("ada")
        answers.append([(event.tag, event.cause) for event in world.trail.events])
        assert "find" not in world.directory.calls
    assert answers[0] == answers[1]
    with pytest.raises(Refused) as refused:
        await world.complete(token)
    assert refused.value.code == world.trail.events[-1].cause == code
    assert untouched(world)
    assert world.directory.calls.count("set_password") == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (disabled, "account_disabled"),
        (deleted, "account_disabled"),
        (changed_meanwhile, "overtaken"),
        (a_role_given, "proof_not_enough"),
    ],
)
async def test_a_completion_checks_the_current_state_of_the_account(change: object, code: str) -> None:
    """Disabled, deleted, changed or promoted since the first gate: refused, and nothing is left (A-46).

    After the full proof the person is told why: otherwise they would start again for ever.
    """
    world = a_world(gates=1, **LONG)
    await world.ada()
    token = await world.prove("ada", "email")
    world.clock.move(seconds=5)
    await change(world)
    with pytest.raises(Refused) as refused:
        await world.complete(token)
    assert refused.value.code == code
    assert untouched(world)
    assert world.directory.calls.count("set_password") == 0


async def test_a_completion_is_refused_if_the_policy_now_needs_more_gates() -> None:
    """One gate was passed, and two are needed now."""
    world = a_world(gates=1)
    await world.ada()
    token = await world.prove("ada", "email")
    stricter = replace(world.policy, gates=2)
    setting = world.service.use(SetPassword)
    with pytest.raises(Refused):
        await replace(setting, policy=stricter)(token, NEW_PASSWORD, world.trail, client="c")
    assert untouched(world)


async def test_a_completion_is_refused_if_the_directory_entry_changed_since_it_was_read() -> None:
    """The revision does not match, so nothing was written and no notice is sent."""
    world, token = await proven()
    world.directory.answers = [AccountChanged()]
    with pytest.raises(Refused):
        await world.complete(token)
    assert untouched(world)


async def test_an_unknown_outcome_of_the_directory_is_not_retried_and_causes_a_notice() -> None:
    """One write, the mark stays, no token is given back, and the delayed notice says "may have changed"."""
    world, token = await proven()
    world.directory.answers = [DirectoryUnknown()]
    with pytest.raises(OutcomeUnknown):
        await world.complete(token)
    assert world.directory.calls.count("set_password") == 1
    assert world.row().completion
    with pytest.raises(OutcomeUnknown):
        await world.complete(token)
    assert world.directory.calls.count("set_password") == 1
    for _ in range(2):
        await world.tell()
    assert DOUBT in world.messages()[-1]
    assert world.row().notices == ()


async def test_the_notice_of_a_completion_under_way_is_not_sent_yet() -> None:
    """Its outcome is not known yet, so it must not say "may have changed"."""
    world, token = await proven()
    world.directory.answers = [DirectoryUnknown()]
    with pytest.raises(OutcomeUnknown):
        await world.complete(token)
    sent = world.adapters.email.attempts
    await world.deliver(NoticeOrder(account=world.key_of("ada")))
    assert world.adapters.email.attempts == sent
    assert len(world.row().notices) == 1


async def test_a_finished_completion_removes_its_mark_and_sends_a_final_notice() -> None:
    """The notice says that the password was changed, not that it may have been."""
    world, token = await proven()
    await world.complete(token)
    assert world.row().completion == ""
    assert [notice.provisional for notice in world.row().notices] == [False]
    await world.tell()
    assert DOUBT not in world.messages()[-1]
    assert world.row().notices == ()


async def test_a_mark_that_cannot_be_removed_does_not_fail_the_reset() -> None:
    """The password is set, so the reset succeeds. The notice says "may have changed"."""
    world, token = await proven()
    world.people.faults = [None, *[Fault.LOST] * 12]
    await world.complete(token)
    assert world.row().completion
    world.clock.at = world.row().completion_until
    await world.sign_in(password=NEW_PASSWORD)


@pytest.mark.parametrize(
    ("late", "is_accepted"), [pytest.param(-1, True, id="second_before"), pytest.param(0, False, id="on_the_second")]
)
async def test_a_grant_expires_on_the_second(late: int, is_accepted: bool) -> None:
    """One second earlier it is valid."""
    world, token = await proven()
    world.clock.at = world.grant(token).expires_at + timedelta(seconds=late)
    if is_accepted:
        await world.complete(token)
    else:
        with pytest.raises(TooLate):
            await world.complete(token)


async def test_a_directory_that_does_not_answer_a_read_keeps_the_proof() -> None:
    """Nothing was decided, so the answer is 503 with a token for another try."""
    world, token = await proven()

    async def lost(_object_id: object) -> None:
        raise TryAgain

    world.directory.find = lost
    with pytest.raises(TryAgain) as again:
        await world.complete(token)
    del world.directory.find
    assert again.value.reset_token
    assert untouched(world)
    await world.complete(again.value.reset_token)


async def test_the_old_password_is_valid_until_the_completion() -> None:
    """Passing the gates changes nothing in the directory."""
    world, _token = await proven()
    assert world.row().version == FIRST_VERSION
    await world.sign_in(password=PASSWORD)


async def test_a_method_that_the_policy_no_longer_offers_proves_nothing() -> None:
    """The current policy applies to the passed gates, not the policy at the start (A-15)."""
    world, token = await proven()
    set_password = world.service.use(SetPassword)
    stricter = replace(set_password, policy=replace(set_password.policy, methods=("email",)))
    with pytest.raises(Refused):
        await stricter(token, NEW_PASSWORD, world.trail, client="")
    assert untouched(world)


async def test_an_administrator_needs_two_gates_if_the_policy_asks_for_one() -> None:
    """Verify asks for the second gate (R-28). Otherwise the completion would refuse without a reason."""
    world = a_world(**LONG, gates=1)
    roles = frozenset({Role.ADMINISTRATOR})
    await world.account("ada", email=EMAIL, mobile_phone=PHONE, roles=roles)
    await world.register(await world.sign_in(), "email", EMAIL)  # a registration writes the role to the row
    world.clock.move(minutes=2)
    token = await world.start()
    outcome = await world.pass_gate(token, "email")
    assert isinstance(outcome, NextGate)
    outcome = await world.pass_gate(outcome.verification_token, "mobile_phone")
    assert isinstance(outcome, Granted)
    await world.complete(outcome.reset_token)
