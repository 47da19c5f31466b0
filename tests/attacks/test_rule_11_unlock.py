"""Rules 9, 11, 12 and 23: ending a lock of the directory takes the proofs and the care of a new password."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from shared.domain.errors import InvalidInput, NotLocked, OutcomeUnknown, Refused, SignInRequired, TryAgain
from shared.domain.trail import Tag
from shared.ports.directory import Capability, DirectoryLost, DirectoryUnknown
from shared.usecases.deliver_notice import MAYBE
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.test_rule_11_completion import proven
from tests.builders import NEW_PASSWORD, PASSWORD, World


def writes(world: World) -> list[str]:
    return [call for call in world.directory.calls if call in {"unlock", "set_password"}]


async def test_a_lock_ends_once_and_with_it_every_session_and_token() -> None:
    """The password stays. A repeat is told the same; each address is told, and another token is worth nothing."""
    world, token = await proven()
    session = await world.sign_in()
    other = await world.prove()
    world.directory.lock("ada")
    before = world.row()
    for _ in range(2):
        await world.complete(token, None)
    after = world.row()
    assert (writes(world), [notice.template for notice in after.notices]) == (["unlock"], ["account_unlocked"])
    assert not after.notices[0].provisional
    assert before.version != after.version
    assert before.session_version != after.session_version
    causes = [event.cause for event in world.trail.events if event.tag is Tag.ACCOUNT_UNLOCKED]
    assert causes == ["", "repeated"]
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(session)
    for spent, password in ((other, None), (token, NEW_PASSWORD)):
        with pytest.raises(Refused):
            await world.complete(spent, password)
    assert await world.sign_in(password=PASSWORD)


async def cannot(world: World) -> None:
    world.directory.capabilities = frozenset(Capability) - {Capability.UNLOCK}  # type: ignore[misc]


async def not_locked(world: World) -> None:
    world.directory.accounts = {
        key: (replace(entry, locked=False), password) for key, (entry, password) in world.directory.accounts.items()
    }


async def lost(world: World) -> None:
    world.directory.answers = [DirectoryLost()]


async def unknown(world: World) -> None:
    world.directory.answers = [DirectoryUnknown()]


@pytest.mark.parametrize(
    ("fault", "error", "left"),
    [
        (cannot, InvalidInput, []),
        (not_locked, NotLocked, []),
        (lost, TryAgain, []),
        (unknown, OutcomeUnknown, ["account_maybe_unlocked"]),
    ],
)
async def test_a_lock_that_is_not_ended_is_never_told_as_ended(
    fault: Callable[[World], Awaitable[None]], error: type[Exception], left: list[str]
) -> None:
    """Each has its own reason, and keeps the proof for a new password unless the outcome is unknown."""
    world, token = await proven()
    world.directory.lock("ada")
    await fault(world)
    with pytest.raises(error) as no:
        await world.complete(token, None)
    assert [MAYBE[notice.template] for notice in world.row().notices if notice.provisional] == left
    if left:
        with pytest.raises(OutcomeUnknown):
            await world.complete(token, None)
        assert writes(world) == ["unlock"]
    else:
        await world.complete(getattr(no.value, "reset_token", None) or token)
        assert writes(world)[-1] == "set_password"


async def test_without_the_proof_nothing_is_told_and_the_directory_is_not_asked() -> None:
    """A token of a step before is worth what any text is."""
    world, _ = await proven()
    world.directory.lock("ada")
    world.directory.calls.clear()
    for text in ("not a token", await world.start()):
        with pytest.raises(Refused):
            await world.complete(text, None)
    assert world.directory.calls == []
