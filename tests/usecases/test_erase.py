"""Erase: nothing is kept about a person but the audit log's digests, and nothing of before goes on."""

from dataclasses import replace

import pytest

from shared.domain.account import AccountKey
from shared.domain.audit import Tag
from shared.domain.errors import InvalidInput, NotAllowed, Refused, SignInRequired
from shared.domain.person import FIRST_VERSION, Person, RemovedContact
from shared.ports.store import StoreLost
from shared.usecases.erase import Erase
from shared.usecases.purge import Purge
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, World, a_world
from tests.fakes.people import Fault


async def administered(**row: object) -> tuple[World, str]:
    """Ada, with an email address and a phone, and Avery's session."""
    world = a_world()
    await world.ada(**row)
    await world.account("avery", roles=frozenset({"administrator"}))
    return world, await world.sign_in("avery")


async def erase(world: World, session: str, name: str = "ada") -> bool:
    return await world.service.use(Erase)(session, name, world.trail)


def tombstone(world: World, account: AccountKey) -> Person:
    row = world.people.rows[account][0]
    assert row == Person(account=account, version=row.version, password_epoch=row.password_epoch)
    return row


async def test_nothing_is_left(caplog: pytest.LogCaptureFixture) -> None:
    """Row, names, reminders and every counter that can be derived; what stands there holds no datum."""
    world, admin = await administered(reminder_day="20260901", language="fr")
    key = world.key_of("ada")
    await world.adapters.due.add("20260901", key)
    row = world.row()
    gone = RemovedContact(name="email", sealed="x", destination="gone", removed_at=world.clock.now())
    world.people.put(replace(row, removed=(gone,)))
    others = {*world.adapters.limiter.windows}
    await world.register(await world.sign_in("ada"), "email", EMAIL)
    await world.prove()
    for counter in (gone.destination, world.adapters.keyring.digest("notices", gone.destination)):
        await world.adapters.limiter.hit(counter, world.policy.notice_rates)

    assert await erase(world, admin)

    tombstone(world, key)
    assert key not in world.adapters.names.accounts.values()
    assert world.adapters.due.entries == set()
    keyring = world.adapters.keyring
    by_client = {
        keyring.digest("start.client", "203.0.113.7"),
        keyring.digest("verify.client", "203.0.113.7"),
        keyring.digest("session.client", "203.0.113.7"),
        keyring.digest("session.name+client", keyring.name_key("ada"), "203.0.113.7"),
        keyring.digest("start.name+client", keyring.name_key("ada"), "203.0.113.7"),
    }
    assert {*world.adapters.limiter.windows} - others <= by_client
    event = world.trail.events[-1]
    assert (event.tag, event.account, event.client, event.cause) == (Tag.ERASED, key, world.key_of("avery"), "")
    assert EMAIL not in caplog.text


async def test_the_directory_keeps_its_account() -> None:
    """It is the directory's: the person signs in again, as somebody who never registered."""
    world, admin = await administered()
    await erase(world, admin)
    world.clock.move(seconds=1)
    session = await world.sign_in("ada")
    assert (await world.service.use(ViewRegistration)(session)).methods == ()
    assert await world.service.use(ViewRegistration).status(session) == "must_register"
    await world.register(session, "email", EMAIL)
    assert world.row().confirmed


@pytest.mark.parametrize("steps", ["started", "challenged", "granted"])
async def test_a_reset_under_way_ends(steps: str) -> None:
    """Although its token has the first version, as an absent row would: a tombstone has a fresh one."""
    world, admin = await administered()
    assert world.row().version == FIRST_VERSION
    token = await (world.prove() if steps == "granted" else world.start())
    if steps == "challenged":
        token = await world.challenge(token)
    code = world.code() if world.codes() else "1234 5678"
    await erase(world, admin)
    world.trail.orders.clear()
    letters = len(world.letters())
    if steps == "started":
        token = await world.challenge(token)
        assert len(world.letters()) == letters, "there is nowhere to send to"
    with pytest.raises(Refused):
        await (world.complete(token) if steps == "granted" else world.answer(token, code))


async def test_a_session_of_before_ends() -> None:
    """What it began, a registration say, must not bring the erased row back."""
    world, admin = await administered()
    session = await world.sign_in("ada")
    await world.begin(session, "mobile_phone", "+33639980009")
    world.clock.move(seconds=1)
    await erase(world, admin)
    for step in (
        world.service.use(ViewRegistration)(session),
        world.begin(session, "email", EMAIL),
        world.confirm(session, "mobile_phone", "1234 5678"),
        world.service.use(Reconfirm)(session, world.trail),
    ):
        with pytest.raises(SignInRequired):
            await step
    tombstone(world, world.adapters.keyring.account_key(next(iter(world.directory.accounts))))


async def test_a_completion_under_way_leaves_no_datum() -> None:
    """Its last write meets the tombstone: the password was set, and nothing is put back."""
    world, admin = await administered()
    token = await world.prove()
    key = world.key_of("ada")
    set_password = world.directory.set_password

    async def erased_meanwhile(*arguments: object) -> None:
        await erase(world, admin)
        await set_password(*arguments)  # type: ignore[arg-type]

    world.directory.set_password = erased_meanwhile  # type: ignore[method-assign]
    await world.complete(token)
    row = world.people.rows[key][0]
    assert (row.object_id, row.methods, row.notices, row.is_empty) == (None, (), (), True)


async def test_the_tombstone_goes_like_any_idle_row() -> None:
    """After thirty days there is not even a version left."""
    world, admin = await administered()
    key = world.key_of("ada")
    await erase(world, admin)
    world.clock.move(days=31)
    await world.service.use(Purge)()
    assert key not in world.people.rows


async def test_somebody_who_has_left_can_be_erased() -> None:
    """The directory knows the name no more; ours leads to the row all the same, and so did every other name."""
    world, admin = await administered()
    key = world.key_of("ada")
    await world.adapters.names.bind(world.adapters.keyring.name_key("ada.l"), key)
    world.directory.accounts = {
        object_id: entry for object_id, entry in world.directory.accounts.items() if "ada" not in entry[0].names
    }
    assert await erase(world, admin, "ada.l")
    tombstone(world, key)
    assert key not in world.adapters.names.accounts.values()
    assert not await erase(world, admin, "ada")


async def test_a_name_that_nobody_knows_erases_nothing() -> None:
    """And says so; the audit log says why."""
    world, admin = await administered()
    writes = world.people.writes
    assert not await erase(world, admin, "nobody")
    assert world.people.writes == writes
    assert (world.trail.events[-1].tag, world.trail.events[-1].cause) == (Tag.ERASED, "unknown_identifier")
    with pytest.raises(InvalidInput):
        await erase(world, admin, "")


async def test_a_second_time_there_is_nothing() -> None:
    """And the tombstone stays as it is: its sessions are not ended again."""
    world, admin = await administered()
    key = world.key_of("ada")
    assert await erase(world, admin)
    before = tombstone(world, key)
    world.clock.move(minutes=1)
    assert not await erase(world, admin)
    assert tombstone(world, key) == before
    assert world.trail.events[-1].cause == "nothing_kept"


async def test_a_colleague_is_not_erased() -> None:
    """Accounts with a role keep their two gates (R-28); the attempt is on record."""
    world, admin = await administered()
    await world.account("blair", roles=frozenset({"administrator"}), email="blair@mail.example")
    for name in ("blair", "avery"):
        with pytest.raises(NotAllowed):
            await erase(world, admin, name)
        assert world.trail.events[-1].cause == "privileged"
    assert world.row("blair").confirmed


async def test_only_an_administrator_erases() -> None:
    """Whose session is valid and not older than the own password."""
    world, admin = await administered()
    with pytest.raises(NotAllowed):
        await erase(world, await world.sign_in("ada"))
    with pytest.raises(SignInRequired):
        await erase(world, "no token")
    world.clock.move(seconds=1)
    world.people.put(replace(world.row("avery"), password_epoch=world.clock.now()))
    with pytest.raises(SignInRequired):
        await erase(world, admin)
    assert world.row().confirmed


async def test_one_that_broke_off_can_be_repeated() -> None:
    """The names go last: they may be all that still leads to the row."""
    world, admin = await administered()
    key = world.key_of("ada")
    world.adapters.limiter.is_lost = True
    with pytest.raises(StoreLost):
        await erase(world, admin)
    world.adapters.limiter.is_lost = False
    assert world.key_of("ada") == key
    assert await erase(world, admin)
    assert key not in world.adapters.names.accounts.values()


@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.APPLIED_THEN_CONFLICT, Fault.APPLIED_THEN_LOST])
async def test_a_lost_answer_is_no_lost_erasure(fault: Fault) -> None:
    """The tombstone is recognised by its version (rule 4)."""
    world, admin = await administered(reminder_day="20260901")
    await world.adapters.due.add("20260901", world.key_of("ada"))
    world.people.faults = [fault]
    key = world.key_of("ada")
    assert await erase(world, admin)
    tombstone(world, key)
    assert world.adapters.due.entries == set()
