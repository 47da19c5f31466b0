"""Rules 30 and 31: a completion that comes again gets the same outcome, and its answer is what happened."""

import asyncio
from dataclasses import replace

import pytest

from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.completion import LONGEST
from shared.domain.errors import AnswerRefused, OutcomeUnknown, PasswordRefused, Refused, TryAgain, UnderWay
from shared.domain.trail import Tag
from shared.ports.directory import DirectoryUnknown, PasswordNotTaken
from shared.ports.store import StoreLost
from shared.usecases.purge import Purge
from shared.validation.records import encode
from tests.attacks.no_limits import MANY_STARTS
from tests.attacks.test_rule_11_completion import proven
from tests.builders import NEW_PASSWORD, World, a_world, wrong
from tests.fakes.people import Fault

OTHER = "another password than that one"


def sets(world: World) -> int:
    return world.directory.calls.count("set_password")


async def test_the_same_request_again_succeeds_again_within_the_tries() -> None:
    """Its answer was lost. Four repeats are told; the directory is written once, and there is one notice."""
    world, token = await proven()
    for _ in range(world.policy.reset_tries):
        await world.complete(token)
    with pytest.raises(Refused):
        await world.complete(token)
    assert (sets(world), len(world.row().notices), len(world.adapters.promised.promises)) == (1, 1, 1)
    assert [event.cause for event in world.trail.events if event.tag is Tag.PASSWORD_RESET] == ["", *["repeated"] * 4]


async def test_another_password_with_the_same_token_is_refused_and_counted() -> None:
    """Whoever has the token but not the password cannot find it out."""
    world, token = await proven()
    await world.complete(token)
    for n in range(world.policy.reset_tries):
        with pytest.raises(Refused):
            await world.complete(token, f"{OTHER} {n}")
    with pytest.raises(Refused):
        await world.complete(token)
    await world.sign_in(password=NEW_PASSWORD)
    assert sets(world) == 1


async def test_thirty_equal_completions_at_once_set_one_password() -> None:
    """Nobody hears that it failed: one sets it, the others hear "wait" or, after it, the same success."""
    world, token = await proven()
    told = await asyncio.gather(*(world.complete(token) for _ in range(30)), return_exceptions=True)
    assert {type(result) for result in told} <= {type(None), UnderWay, Refused}
    assert told.count(None) >= 1
    assert sets(world) == 1
    assert len(world.row().notices) == 1


@pytest.mark.parametrize("is_written", [True, False], ids=["after the directory", "before the directory"])
async def test_a_repeat_after_the_host_was_stopped_hears_wait_and_then_that_it_is_unknown(is_written: bool) -> None:
    """It is never told that the password was wrong or the token no longer accepted, and nothing is written again."""
    world, token = await proven()
    set_password = world.directory.set_password

    async def stopped(*arguments: object) -> None:
        if is_written:
            await set_password(*arguments)  # type: ignore[arg-type]
        raise asyncio.CancelledError

    world.directory.set_password = stopped  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await world.complete(token)
    count = sets(world)
    for _ in range(10):
        with pytest.raises(UnderWay) as wait:
            await world.complete(token)
        assert wait.value.retry_after > 0
    world.clock.move(seconds=(LONGEST + CLOCK_MARGIN).total_seconds() - 1)
    with pytest.raises(UnderWay):
        await world.complete(token)
    world.clock.move(seconds=1)
    with pytest.raises(OutcomeUnknown):
        await world.complete(token)
    assert sets(world) == count


async def test_a_repeat_of_a_completion_in_doubt_hears_the_same_at_once() -> None:
    """The directory did not answer."""
    world, token = await proven()
    world.directory.answers = [DirectoryUnknown()]
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await world.complete(token)
    assert sets(world) == 1


async def test_a_repeat_of_a_refused_completion_is_its_next_try() -> None:
    """The refusal and its token were lost. The same request goes on, within the tries; another password does not."""
    world, token = await proven()
    for attempt in range(2, world.policy.reset_tries):
        world.directory.answers = [PasswordNotTaken(["history"])]
        with pytest.raises(PasswordRefused) as refused:
            await world.complete(token)
        assert world.grant(refused.value.reset_token or "").attempt == attempt
    with pytest.raises(Refused):
        await world.complete(token, OTHER)
    await world.complete(refused.value.reset_token or "")
    await world.complete(token)
    assert sets(world) == world.policy.reset_tries - 1


async def test_a_repeat_without_the_queue_goes_on_when_the_queue_is_back() -> None:
    """Nothing was changed, and the answer with its token was lost."""
    world, token = await proven()
    world.adapters.promised.is_lost = True
    with pytest.raises(TryAgain):
        await world.complete(token)
    world.adapters.promised.is_lost = False
    await world.complete(token)
    assert sets(world) == 1


async def test_the_row_alone_tells_nothing_about_the_password() -> None:
    """It has no key, and a token of another verification has another one. It leaves with the token."""
    world, token = await proven(**MANY_STARTS)
    await world.complete(token)
    [completion] = world.row().completions
    assert world.grant(token).k not in encode(world.row())
    assert NEW_PASSWORD not in encode(world.row())
    assert completion.leaves_at == world.grant(token).expires_at + CLOCK_MARGIN
    world.clock.at = completion.leaves_at
    second = await world.prove()
    assert world.grant(second).k != world.grant(token).k
    await world.complete(second, OTHER)
    assert [kept.spent for kept in world.row().completions] == [world.grant(second).version]


async def test_a_token_without_a_key_is_not_recognised() -> None:
    """It was made by an earlier build."""
    world, token = await proven()
    bare = world.seal(replace(world.grant(token), k=""))
    await world.complete(bare)
    assert world.row().completions == ()
    with pytest.raises(Refused):
        await world.complete(bare)


# -- answers and outcomes agree (rules 11 and 31) --


@pytest.mark.parametrize("failure", [Fault.LOST, RuntimeError("a row longer than a row may be")], ids=str)
async def test_after_the_directory_write_the_answer_is_success(failure: Fault | Exception) -> None:
    """Whatever the last write of the row does."""
    world, token = await proven()
    write = world.people.write

    async def fails(person: object, revision: object) -> object:
        if sets(world):
            raise StoreLost if isinstance(failure, Fault) else failure
        return await write(person, revision)  # type: ignore[arg-type]

    world.people.write = fails  # type: ignore[method-assign, assignment]
    await world.complete(token)
    assert await world.directory.authenticate("ada", NEW_PASSWORD)


@pytest.mark.parametrize("cause", ["directory refuses", "directory lost"])
async def test_a_reservation_that_cannot_be_withdrawn_is_in_doubt(cause: str) -> None:
    """Its notice will say "may have changed", so the answer must not say that nothing was changed."""
    world, token = await proven()
    if cause == "directory refuses":
        world.directory.answers = [PasswordNotTaken(["history"])]
    else:

        async def lost(_object_id: object) -> None:
            raise TryAgain

        world.directory.find = lost  # type: ignore[method-assign, assignment]
    world.people.faults = [None, *[Fault.LOST] * 20]
    with pytest.raises(OutcomeUnknown):
        await world.complete(token)
    assert [notice.provisional for notice in world.row().notices] == [True]


async def test_a_success_replaces_the_provisional_notices_of_its_verification() -> None:
    """And of no other. "May have changed" is not sent after it."""
    world, token = await proven()
    await world.complete(token)
    [final] = world.row().notices
    doubtful = replace(final, provisional=True)
    earlier, other = replace(doubtful, event="earlier"), replace(doubtful, event="other", verification="another")
    second = await world.prove()
    same = world.seal(replace(world.grant(second), version=world.row().version))
    of = world.grant(second).verification
    world.people.put(replace(world.row(), notices=(replace(earlier, verification=of), other)))
    await world.complete(same, OTHER)
    assert [(notice.event == "other", notice.provisional) for notice in world.row().notices] == [
        (True, True),
        (False, False),
    ]


async def test_without_the_queue_wrong_answers_are_counted_and_the_notice_waits_for_the_sweep() -> None:
    """Otherwise the tenth wrong answer would be refused uncounted, again and again, and a right one accepted."""
    world = a_world(**MANY_STARTS)
    await world.ada()
    world.adapters.promised.is_lost = True
    for _ in range(2):
        token = await world.challenge(await world.start())
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.answer(token, wrong(world.code()))
    assert world.row().failures["reset:1:email"].count == 10
    assert [order.account for order in world.adapters.promised.entered] == [world.key_of("ada")]
    assert len(world.row().notices) == 1


async def test_a_notice_without_an_order_leaves_with_the_removed_contacts() -> None:
    """Its order was lost for good. The purge removes it after thirty days."""
    world, token = await proven()
    await world.complete(token)
    await world.adapters.forgetting.add(f"{world.clock.now():%Y%m%d}", world.key_of("ada"))
    world.clock.move(days=31)
    await world.service.use(Purge)()
    assert world.row().notices == ()
