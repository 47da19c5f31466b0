"""Rule 24: a write asks the directory for state and roles as they are now, for holders of a valid session only."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from shared.domain.errors import Limited, NotAllowed, SignInAgain, SignInRequired, TryAgain
from shared.domain.limits import CHANGE_PASSWORD, CHANGE_SENDS, REGISTRATION_SENDS, Limit
from shared.domain.reregistration import Renewals
from shared.domain.roles import Role
from shared.domain.trail import Tag
from shared.usecases._limits import Limits
from shared.usecases.ask_proof import AskProof
from shared.usecases.change_password import ChangePassword
from shared.usecases.erase import Erase
from shared.usecases.give_proof import GiveProof
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.require_registration import RequireRegistration
from shared.usecases.require_registrations import RequireRegistrations
from shared.usecases.unblock import Unblock
from shared.usecases.view_registration import ViewRegistration
from shared.validation.identifier import canonical_identifier
from tests.attacks.authenticator import APP
from tests.builders import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, PHONE, WHY, World, a_world

Step = Callable[[World, str], Awaitable[Any]]


async def asked(world: World, session: str) -> str:
    ask = world.service.use(AskProof)
    return (await ask(session, "email", world.trail, proof=None, channel=None, client=CLIENT, language="en")).proof


OWN: dict[str, Step] = {
    "begin_a_contact": lambda world, session: world.begin(session, "email", "ada@elsewhere.example"),
    "begin_an_app": lambda world, session: world.begin(session, APP),
    "confirm": lambda world, session: world.confirm(session, "mobile_phone"),
    "remove": lambda world, session: world.remove(session, "email"),
    "ask_proof": asked,
    "give_proof": lambda world, session: world.service.use(GiveProof)(
        session, world.asked, world.code(), world.trail, client=CLIENT
    ),
    "reconfirm": lambda world, session: world.service.use(Reconfirm)(session, world.trail),
    "password": lambda world, session: world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail),
}
ROW = {"identifier": "bob", "mobile_phone": "+33639980077"}
ADMINISTRATORS: dict[str, Step] = {
    "prefill": lambda world, session: world.prefill(session, ROW),
    "dry_run": lambda world, session: world.prefill(session, ROW, dry_run=True),
    "erase": lambda world, session: world.service.use(Erase)(session, "bob", WHY, world.trail),
    "reregister many": lambda world, session: world.service.use(RequireRegistrations).named(
        session, [canonical_identifier("bob")], Renewals(), WHY, world.trail, dry_run=False
    ),
    "reregister": lambda world, session: world.service.use(RequireRegistration)(session, "bob", WHY, world.trail),
    "unblock": lambda world, session: world.service.use(Unblock)(session, "bob", WHY, world.trail),
}
WRITES = {**OWN, **ADMINISTRATORS}
every_write = pytest.mark.parametrize("step", WRITES.values(), ids=WRITES)
administrators_write = pytest.mark.parametrize("step", ADMINISTRATORS.values(), ids=ADMINISTRATORS)


async def signed_in() -> tuple[World, str]:
    """Return a world with Bob, and the session of Ada, an administrator. She confirms a phone and proves a change."""
    world = a_world()
    await world.account("bob", email="bob@mail.example")
    await world.account("ada", email=EMAIL, roles=frozenset({Role.ADMINISTRATOR}))
    session = await world.sign_in()
    await world.begin(session, "mobile_phone", PHONE)
    world.asked = await asked(world, session)
    await world.deliver()
    world.directory.calls.clear()
    return world, session


async def refused(step: Step, world: World, session: str, error: type[Exception]) -> None:
    """Assert that the step is refused with that error and writes nothing."""
    before = dict(world.people.rows)
    with pytest.raises(error) as told:
        await step(world, session)
    assert type(told.value) is error
    assert world.people.rows == before


@every_write
@pytest.mark.parametrize("is_deleted", [False, True], ids=["disabled", "deleted"])
async def test_a_disabled_person_writes_nothing(step: Step, is_deleted: bool) -> None:
    """At once, with a session of this minute. The refusal is recorded with its cause."""
    world, session = await signed_in()
    await world.directory.set_enabled("ada", enabled=False)
    if is_deleted:
        del world.directory.accounts[world.row().object_id]
    await refused(step, world, session, SignInRequired)
    event = world.trail.events[-1]
    assert (event.tag, event.account, event.cause) == (Tag.SESSION_REFUSED, world.key_of("ada"), "disabled")


@administrators_write
async def test_a_former_administrator_neither_prefills_nor_erases(step: Step) -> None:
    """A minute after the role was taken away, with a session that still names it."""
    world, session = await signed_in()
    world.directory.granted("ada")
    world.clock.move(minutes=1)
    await refused(step, world, session, NotAllowed)
    assert world.trail.events[-1].cause == "not_permitted"


@every_write
async def test_writes_need_a_recent_sign_in(step: Step) -> None:
    """Administrators' writes too: after ten minutes they sign in again. Only a changed password proves itself."""
    world, session = await signed_in()
    world.clock.move(minutes=10)
    if step is OWN["password"]:
        await step(world, session)
    else:
        await refused(step, world, session, SignInAgain)


@every_write
async def test_without_the_directory_writes_are_refused_and_views_work(step: Step) -> None:
    """503: nothing was decided."""
    world, session = await signed_in()
    find = world.directory.find

    async def lost(_: object) -> None:
        raise TryAgain

    world.directory.find = lost  # type: ignore[method-assign]
    with pytest.raises(TryAgain):
        await step(world, session)
    await world.service.use(ViewRegistration)(session)
    world.directory.find = find  # type: ignore[method-assign]
    await step(world, session)


@every_write
async def test_only_the_holder_of_a_valid_session_causes_a_question_to_the_directory(step: Step) -> None:
    """Not a stranger, nor an old, an ended or an expired session: token and row come first."""
    world, session = await signed_in()
    ended = await world.sign_in()
    renewed, _ = await world.service.use(ChangePassword)(ended, PASSWORD, NEW_PASSWORD, world.trail)
    world.directory.calls.clear()
    for token in ("", "1.AAAA", session, ended):
        await refused(step, world, token, SignInRequired)
    world.clock.move(hours=1)
    await refused(step, world, renewed, SignInRequired)
    assert world.directory.calls == []


@pytest.mark.parametrize(
    ("name", "limit"),
    [("begin_a_contact", REGISTRATION_SENDS), ("ask_proof", CHANGE_SENDS), ("password", CHANGE_PASSWORD)],
)
async def test_the_limit_comes_before_the_directory(name: str, limit: Limit) -> None:
    """Whoever is over a limit causes no question either."""
    world, session = await signed_in()
    while await world.service.use(Limits).allows(limit, account=world.key_of("ada")):
        pass
    await refused(WRITES[name], world, session, Limited)
    assert world.directory.calls == []


async def test_the_row_gets_the_role_of_now() -> None:
    """Somebody was promoted after signing in: from the next registration on a reset needs two gates (R-28)."""
    world = a_world(gates=1)
    await world.account("ada")
    session = await world.sign_in()
    world.directory.granted("ada", Role.ADMINISTRATOR)
    view = await world.register(session, "email", EMAIL)
    assert (world.row().privileged, view.roles) == (True, (Role.ADMINISTRATOR,))
