"""Rule 18: the status answers a proven caller only; sign-ins count, and unknown names cost the same hash."""

import pytest

from shared.domain.audit import Tag
from shared.domain.errors import Limited, NotAllowed, Refused, SignInRequired
from shared.usecases.change_password import ChangePassword
from shared.usecases.prefill import Prefill
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.view_registration import ViewRegistration
from tests.builders import CLIENT, EMAIL, PASSWORD, PHONE, a_world

WRONG = "a wrong password, quite long"


@pytest.mark.parametrize("token", ["", "x", "1.", "1.AAAA", "9.AAAA", "a" * 5000])
async def test_the_status_is_for_a_proven_caller(token: str) -> None:
    """No token, a made-up one, a huge one: the same refusal."""
    world = a_world()
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration).status(token)


async def test_a_token_of_another_purpose_is_no_session() -> None:
    """Nor is a session a verification: purposes are bound into the seal (R-29)."""
    world = a_world()
    await world.ada()
    session, verification = await world.sign_in(), await world.start()
    reset = await world.prove()
    for token in (verification, reset):
        with pytest.raises(SignInRequired):
            await world.service.use(ViewRegistration).status(token)
    for token in (session, reset):
        with pytest.raises(Refused):
            await world.ask(token)
    for token in (session, verification):
        with pytest.raises(Refused):
            await world.complete(token)


async def test_the_status_tells_what_is_due() -> None:
    """Must register, fine, must reconfirm: in the course of half a year."""
    world = a_world()
    await world.account("ada")
    status = world.service.use(ViewRegistration).status
    session = await world.sign_in()
    assert await status(session) == "must_register"
    await world.register(session, "email", EMAIL)
    assert await status(session) == "must_register"
    await world.register(session, "mobile_phone", PHONE)
    assert await status(session) == "fine"
    world.clock.move(days=180)
    session = await world.sign_in()
    assert await status(session) == "must_reconfirm"
    await world.service.use(Reconfirm)(session, world.trail)
    assert await status(session) == "fine"


async def test_five_failures_of_one_name_and_client_close_the_door_for_both_alone() -> None:
    """Fifteen minutes; the same name from elsewhere and another name from here still sign in."""
    world = a_world()
    await world.ada()
    await world.account("bob")
    for _ in range(5):
        with pytest.raises(SignInRequired):
            await world.sign_in("ada", WRONG)
    with pytest.raises(Limited):
        await world.sign_in("ada")
    assert world.directory.hashes == 5, "at the limit the directory is not asked"
    await world.sign_in("ada", client="198.51.100.1")
    await world.sign_in("bob")
    world.clock.move(minutes=15)
    await world.sign_in("ada")


async def test_twenty_failures_of_one_client_close_its_door() -> None:
    """Whatever the names: a list of stolen passwords is tried from one address only so often."""
    world = a_world()
    await world.ada()
    for n in range(20):
        with pytest.raises(SignInRequired):
            await world.sign_in(f"name{n}", WRONG)
    with pytest.raises(Limited):
        await world.sign_in("ada")


async def test_successes_are_given_back() -> None:
    """Fifty people of one office sign in within a minute."""
    world = a_world()
    await world.ada()
    for _ in range(50):
        await world.sign_in()
    counter = world.adapters.keyring.digest("session.client", CLIENT)
    assert {window.count for window in world.adapters.limiter.windows[counter].values()} == {0}


async def test_an_unknown_name_costs_the_same_hash_and_gets_the_same_answer() -> None:
    """Unknown, disabled and wrong: one hash each, one kind of refusal, one kind of event."""
    world = a_world()
    await world.ada()
    await world.account("disabled")
    await world.directory.set_enabled("disabled", enabled=False)
    seen = []
    for name, password in (("ada", WRONG), ("unknown", WRONG), ("disabled", PASSWORD)):
        hashes = world.directory.hashes
        world.trail.events.clear()
        with pytest.raises(SignInRequired) as refused:
            await world.sign_in(name, password)
        seen.append((world.directory.hashes - hashes, str(refused.value), world.trail.events))
    assert seen[0] == seen[1] == seen[2]
    assert [event.tag for event in seen[0][2]] == [Tag.SESSION_REFUSED]


async def test_the_current_password_is_guessed_no_faster_with_a_session() -> None:
    """Five wrong ones in a quarter of an hour, and the right one waits too."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    for _ in range(5):
        with pytest.raises(Refused):
            await world.service.use(ChangePassword)(session, WRONG, "velvet harbour mosaic tundra", world.trail)
    with pytest.raises(Limited):
        await world.service.use(ChangePassword)(session, PASSWORD, "velvet harbour mosaic tundra", world.trail)


async def test_only_administrators_prefill() -> None:
    """A session without the role is not allowed, before any row is looked at."""
    world = a_world()
    await world.ada()
    with pytest.raises(NotAllowed):
        await world.service.use(Prefill)(await world.sign_in(), [], world.trail, dry_run=True)
    with pytest.raises(SignInRequired):
        await world.service.use(Prefill)("", [], world.trail, dry_run=True)
