"""Rule 11: one password, set once, around a directory that cannot be rolled back."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.account import ADMINISTRATOR
from shared.domain.errors import OutcomeUnknown, PasswordRefused, Refused, SignInRequired, TryAgain
from shared.domain.message import NoticeOrder
from shared.domain.person import FIRST_VERSION
from shared.ports.directory import AccountChanged, DirectoryUnknown, PasswordNotTaken
from shared.usecases.set_password import SetPassword
from shared.usecases.verify import Granted, NextGate
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_world
from tests.fakes.people import Fault

DOUBT = "could not find out"
LONG = {"verification_seconds": 1800, "reset_token_seconds": 600}


async def proven(**knobs: int) -> tuple[World, str]:
    """Ada behind her last gate."""
    world = a_world(**{**LONG, **knobs})
    await world.ada()
    return world, await world.prove()


def untouched(world: World) -> bool:
    """Nothing left of an attempt: no mark, no notice, no session ended, the directory not asked to write."""
    row = world.row()
    return (row.completion, row.notices, row.password_epoch) == ("", (), None)


async def test_parallel_completions_set_exactly_one_password() -> None:
    """30 at once with 30 passwords: one succeeds, and it is the one that signs in."""
    world, token = await proven()
    passwords = [f"{NEW_PASSWORD} number {n}" for n in range(30)]
    told = await asyncio.gather(*(world.complete(token, p) for p in passwords), return_exceptions=True)
    assert Counter(type(result).__name__ for result in told) == {"NoneType": 1, "Refused": 29}
    assert world.directory.calls.count("set_password") == 1
    await world.sign_in(password=passwords[told.index(None)])


async def test_a_completion_spends_every_token_of_the_account() -> None:
    """Also the one of a second verification that was proved at the same time, and its own."""
    world, first = await proven()
    world.clock.move(minutes=1)
    second = await world.prove()
    third = await world.ask(await world.start(client="198.51.100.1"))
    await world.complete(first)
    for token in (first, second):
        with pytest.raises(Refused):
            await world.complete(token)
    await world.deliver()
    with pytest.raises(Refused):
        await world.answer(third, world.code())


async def test_the_reserve_comes_before_the_directory() -> None:
    """When the reserve cannot be written, the directory is not asked."""
    world, token = await proven()
    world.people.faults = [Fault.CONFLICT] * 20
    with pytest.raises(TryAgain):
        await world.complete(token)
    assert world.directory.calls.count("set_password") == 0


async def test_the_notice_is_promised_before_the_directory_is_touched() -> None:
    """No promise, no change: and the proof is kept for another try, with the attempt counted."""
    world, token = await proven()
    world.adapters.promised.is_lost = True
    with pytest.raises(TryAgain) as lost:
        await world.complete(token)
    assert world.directory.calls.count("set_password") == 0
    assert untouched(world)
    world.adapters.promised.is_lost = False
    assert lost.value.reset_token is not None
    await world.complete(lost.value.reset_token)
    assert len(world.adapters.promised.promises) == 1


async def test_a_refusal_by_the_directory_keeps_the_proof_for_five_attempts() -> None:
    """Each token once, on a new version, with the original expiry; the sixth attempt is over."""
    world, token = await proven()
    expires_at = world.grant(token).expires_at
    versions = {world.row().version}
    for attempt in range(1, 6):
        world.directory.answers = [PasswordNotTaken(["history"])]
        with pytest.raises(PasswordRefused) as refused:
            await world.complete(token)
        assert refused.value.reasons == ("history",)
        with pytest.raises(Refused):
            await world.complete(token)
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


async def test_the_token_that_a_refusal_gave_back_works() -> None:
    """Refused once, accepted then."""
    world, token = await proven()
    world.directory.answers = [PasswordNotTaken(["history"])]
    with pytest.raises(PasswordRefused) as refused:
        await world.complete(token)
    await world.complete(refused.value.reset_token or "")
    await world.sign_in(password=NEW_PASSWORD)


async def test_a_password_against_our_own_rules_costs_no_attempt() -> None:
    """Refused before row and directory are touched: the same token is good again."""
    world, token = await proven()
    for weak in ("short", "passwordpassword", "x" * 300):
        with pytest.raises(PasswordRefused) as refused:
            await world.complete(token, weak)
        assert refused.value.reset_token == token
    await world.complete(token)


async def test_a_password_made_of_ones_own_name_is_refused() -> None:
    """The words of the account are known only once it is: this one costs an attempt, and keeps the proof."""
    world = a_world()
    await world.account("penelope.featherstone", email="p@mail.example", mobile_phone="+33639980002")
    token = await world.prove("penelope.featherstone")
    with pytest.raises(PasswordRefused) as refused:
        await world.complete(token, "penelope.featherstone")
    assert refused.value.reset_token not in {None, token}
    assert world.directory.calls.count("set_password") == 0


async def a_role_given(world: World) -> None:
    """Ada becomes an administrator: two gates are needed, whatever the policy for everybody says."""
    object_id, (account, password) = next(iter(world.directory.accounts.items()))
    world.directory.accounts[object_id] = (replace(account, roles=frozenset({"administrator"})), password)


async def disabled(world: World) -> None:
    await world.directory.set_enabled("ada", enabled=False)


async def deleted(world: World) -> None:
    world.directory.accounts.clear()


async def changed_meanwhile(world: World) -> None:
    """Somebody set the password after this verification began."""
    object_id, (account, password) = next(iter(world.directory.accounts.items()))
    now = world.clock.now()
    world.directory.accounts[object_id] = (replace(account, password_changed_at=now), password)


@pytest.mark.parametrize("change", [disabled, deleted, changed_meanwhile, a_role_given])
async def test_the_account_is_judged_as_it_stands_now(change: object) -> None:
    """Disabled, deleted, changed or promoted since the first gate: refused, nothing set, no trace left (A-46)."""
    world = a_world(gates=1, **LONG)
    await world.ada()
    token = await world.prove("ada", "email")
    world.clock.move(seconds=5)
    await change(world)
    with pytest.raises(Refused):
        await world.complete(token)
    assert untouched(world)
    assert world.directory.calls.count("set_password") == 0


async def test_a_policy_that_asks_for_more_since_then_holds() -> None:
    """One gate was passed, two are asked for now."""
    world = a_world(gates=1)
    await world.ada()
    token = await world.prove("ada", "email")
    stricter = replace(world.policy, gates=2)
    setting = world.service.use(SetPassword)
    with pytest.raises(Refused):
        await replace(setting, policy=stricter)(token, NEW_PASSWORD, world.trail, client="c")
    assert untouched(world)


async def test_an_account_that_changed_under_the_write_is_refused() -> None:
    """The directory's own revision does not match: nothing was written, nothing is told."""
    world, token = await proven()
    world.directory.answers = [AccountChanged()]
    with pytest.raises(Refused):
        await world.complete(token)
    assert untouched(world)


async def test_an_ambiguous_answer_is_never_retried_and_the_person_is_told() -> None:
    """One write, the mark stays, no token comes back; the delayed notice says that it may have changed."""
    world, token = await proven()
    world.directory.answers = [DirectoryUnknown()]
    with pytest.raises(OutcomeUnknown):
        await world.complete(token)
    assert world.directory.calls.count("set_password") == 1
    assert world.row().completion
    with pytest.raises(Refused):
        await world.complete(token)
    world.clock.move(seconds=20)
    await world.deliver(*(NoticeOrder(account=account) for account in world.adapters.promised.appeared()))
    assert DOUBT in world.letters()[-1]
    assert world.row().notices == ()


async def test_a_promise_that_comes_early_waits() -> None:
    """A completion still under way must not be reported as doubtful."""
    world, token = await proven()
    world.directory.answers = [DirectoryUnknown()]
    with pytest.raises(OutcomeUnknown):
        await world.complete(token)
    sent = world.adapters.email.attempts
    await world.deliver(NoticeOrder(account=world.key_of("ada")))
    assert world.adapters.email.attempts == sent
    assert len(world.row().notices) == 1


async def test_done_clears_the_mark_and_the_notice_is_sure_of_itself() -> None:
    """Every confirmed address gets one, which says that the password was changed."""
    world, token = await proven()
    await world.complete(token)
    assert world.row().completion == ""
    assert [notice.provisional for notice in world.row().notices] == [False]
    await world.deliver()
    assert DOUBT not in world.letters()[-1]
    assert world.row().notices == ()


async def test_a_mark_that_cannot_be_cleared_fails_nobody() -> None:
    """The password is set, and that is what is told; the notice is less sure of itself."""
    world, token = await proven()
    world.people.faults = [None, *[Fault.LOST] * 12]
    await world.complete(token)
    assert world.row().completion
    await world.sign_in(password=NEW_PASSWORD)


async def test_a_reset_ends_the_sessions_that_were_open() -> None:
    """From the reserve on: a process that dies before `done` leaves no thief signed in (R-51)."""
    world = a_world(**LONG)
    await world.ada()
    session = await world.sign_in()
    token = await world.prove()
    world.clock.move(seconds=1)
    world.people.faults = [None, *[Fault.LOST] * 12]
    await world.complete(token)
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(session)
    await world.service.use(ViewRegistration)(await world.sign_in(password=NEW_PASSWORD))


async def test_a_grant_ends_on_the_second() -> None:
    """One second earlier it is good."""
    for late, accepted in ((-1, True), (0, False)):
        world, token = await proven()
        world.clock.at = world.grant(token).expires_at + timedelta(seconds=late)
        if accepted:
            await world.complete(token)
        else:
            with pytest.raises(Refused):
                await world.complete(token)


async def test_a_directory_that_cannot_be_read_keeps_the_proof() -> None:
    """Nothing was decided: 503 with a token for another try."""
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


async def test_the_first_password_still_stands_until_then() -> None:
    """Proving everything changes nothing by itself."""
    world, _token = await proven()
    assert world.row().version == FIRST_VERSION
    await world.sign_in(password=PASSWORD)


async def test_a_method_that_the_policy_drops_meanwhile_proves_nothing() -> None:
    """The policy of today is held over the gates that were passed, not the one of the start (A-15)."""
    world, token = await proven()
    set_password = world.service.use(SetPassword)
    stricter = replace(set_password, policy=replace(set_password.policy, methods=("email",)))
    with pytest.raises(Refused):
        await stricter(token, NEW_PASSWORD, world.trail, client="")
    assert untouched(world)


async def test_an_administrator_passes_two_gates_where_everybody_else_passes_one() -> None:
    """R-28: whatever the policy for everybody says; and so that one gate does not end in a refusal without a reason."""
    world = a_world(**LONG, gates=1)
    roles = frozenset({ADMINISTRATOR})
    await world.account("ada", email=EMAIL, mobile_phone=PHONE, roles=roles)
    await world.register(await world.sign_in(), "email", EMAIL)  # the row learns of the role with a registration
    world.clock.move(minutes=2)
    token = await world.start()
    outcome = await world.pass_gate(token, "email")
    assert isinstance(outcome, NextGate)
    outcome = await world.pass_gate(outcome.verification_token, "mobile_phone")
    assert isinstance(outcome, Granted)
    await world.complete(outcome.reset_token)
