"""Rule 18: the status needs a session; failed sign-ins count, and unknown names cost the same hash."""

import pytest

from shared.domain.errors import Limited, NotAllowed, Refused, SignInRequired
from shared.domain.trail import Tag
from shared.usecases.change_password import ChangePassword
from shared.usecases.prefill import Prefill
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.view_registration import ViewRegistration
from tests.builders import CLIENT, EMAIL, PASSWORD, PHONE, a_world

WRONG = "a wrong password, quite long"


@pytest.mark.parametrize(
    "token",
    ["", "x", "1.", "1.AAAA", "9.AAAA", "a" * 5000],
    ids=["none", "made_up", "no_body", "short_body", "version_we_never_had", "huge"],
)
async def test_the_status_is_refused_without_a_session(token: str) -> None:
    """Without a token, and with a false or huge one, the refusal is the same."""
    world = a_world()
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration).status(token)


@pytest.mark.parametrize("use", ["session", "verification", "reset"])
@pytest.mark.parametrize("token", ["session", "verification", "reset"])
async def test_a_token_is_valid_for_its_own_purpose_only(token: str, use: str) -> None:
    """The purpose is part of the seal: a verification token is not a session, and the reverse (R-29)."""
    world = a_world()
    await world.ada()
    tokens = {"verification": await world.start(), "reset": await world.prove()}
    tokens["session"] = await world.sign_in()
    uses = {
        "session": world.service.use(ViewRegistration).status,
        "verification": lambda given: world.ask(given, "mobile_phone"),
        "reset": world.complete,
    }
    if token == use:
        await uses[use](tokens[token])
    else:
        with pytest.raises(Refused):
            await uses[use](tokens[token])


async def test_the_status_says_what_the_person_must_do() -> None:
    """Over half a year: must register, fine, must reconfirm."""
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


async def test_five_failed_sign_ins_refuse_that_name_from_that_client() -> None:
    """For fifteen minutes. The same name from another client, and another name, still sign in."""
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


async def test_twenty_failed_sign_ins_of_one_client_refuse_it_for_every_name() -> None:
    """It limits how many stolen passwords can be tried from one address."""
    world = a_world()
    await world.ada()
    for n in range(20):
        with pytest.raises(SignInRequired):
            await world.sign_in(f"name{n}", WRONG)
    with pytest.raises(Limited):
        await world.sign_in("ada")


async def test_successful_sign_ins_do_not_count_for_the_client() -> None:
    """Fifty people of one office can sign in within a minute."""
    world = a_world()
    await world.ada()
    for _ in range(50):
        await world.sign_in()
    counter = world.adapters.keyring.digest("session.client", CLIENT)
    assert {window.count for window in world.adapters.limiter.windows[counter].values()} == {0}


async def test_an_unknown_name_costs_the_same_hash_and_gets_the_same_answer() -> None:
    """Unknown, disabled and wrong: one hash, one kind of refusal and one kind of event each."""
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


async def test_guesses_at_the_current_password_with_a_session_are_limited() -> None:
    """After five wrong ones in a quarter of an hour, the right one is refused too."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    for _ in range(5):
        with pytest.raises(Refused):
            await world.service.use(ChangePassword)(session, WRONG, "velvet harbour mosaic tundra", world.trail)
    with pytest.raises(Limited):
        await world.service.use(ChangePassword)(session, PASSWORD, "velvet harbour mosaic tundra", world.trail)


async def test_only_administrators_prefill() -> None:
    """A session without the role is refused before any row is read."""
    world = a_world()
    await world.ada()
    with pytest.raises(NotAllowed):
        await world.service.use(Prefill)(await world.sign_in(), [], world.trail, dry_run=True)
    with pytest.raises(SignInRequired):
        await world.service.use(Prefill)("", [], world.trail, dry_run=True)
