"""Erase: nothing is kept about a person except digests in the audit log, and earlier tokens and sessions end."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import InvalidInput, NotAllowed, NotFound, Refused, SignInRequired
from shared.domain.limits import CODES, REMINDERS
from shared.domain.person import FIRST_VERSION, Expiry, Person, RemovedContact
from shared.domain.trail import Tag
from shared.ports.store import StoreLost
from shared.usecases._limits import Limits
from shared.usecases.erase import Erase
from shared.usecases.purge import Purge
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PASSWORD, WHY, World, a_method, a_world, at
from tests.fakes.people import Fault


async def administered(**row: object) -> tuple[World, str]:
    """Return a world where Ada has an address and a phone, and the session of Avery, an administrator."""
    world = a_world()
    await world.ada(**row)
    await world.account("avery", roles=frozenset({"administrator"}))
    return world, await world.sign_in("avery")


async def erase(world: World, session: str, name: str = "ada") -> bool:
    return await world.service.use(Erase)(session, name, WHY, world.trail)


async def erased_row(world: World, account: AccountKey) -> Person:
    """Return the row after an erasure that was told: versions, whether a method was there, and the nonces of writes."""
    await world.tell()
    row = world.people.rows[account][0]
    versions = {"version": row.version, "session_version": row.session_version}
    assert row == Person(account=account, **versions, had_method=row.had_method, ring=row.ring)
    return row


async def test_an_erasure_leaves_nothing_about_the_person(caplog: pytest.LogCaptureFixture) -> None:
    """Row, names, reminders and every counter that can be derived. The row that is left has no personal data."""
    expires = at(days=30)
    world, admin = await administered(reminder_day="20260901", language="fr", expiry=Expiry(at=expires, entry="2026"))
    key = world.key_of("ada")
    await world.adapters.due.add("20260901", key)
    await world.adapters.expiries.add("2026", key)
    entry, password = world.directory.accounts[world.row().object_id]
    world.directory.accounts[entry.object_id] = (replace(entry, password_expires_at=expires), password)
    row = world.row()
    removed = a_method("email", "gone@mail.example", key).sealed
    gone = RemovedContact(sealed=removed, removed_at=world.clock.now())
    world.people.put(replace(row, removed=(gone,)))
    others = {*world.adapters.limiter.windows}
    await world.register(await world.sign_in("ada"), "email", EMAIL)
    await world.prove()
    for limit in (CODES, REMINDERS):
        await world.service.use(Limits).allows(limit, destination=gone.destination)

    assert await erase(world, admin)
    event = world.trail.events[-1]

    await erased_row(world, key)
    assert key not in world.adapters.names.accounts.values()
    assert (world.adapters.due.entries, world.adapters.expiries.entries) == (set(), set())
    keyring = world.adapters.keyring
    ids = {event.verification for event in world.trail.events}
    by_verification = {keyring.digest("challenge.verification", of) for of in ids}
    by_client = {
        keyring.digest("start.client", "203.0.113.7"),
        keyring.digest("session.client", "203.0.113.7"),
        keyring.digest("session.all", keyring.name_key("ada"), "203.0.113.7"),
    }
    assert {*world.adapters.limiter.windows} - others <= by_client | by_verification
    assert (event.tag, event.account, event.actor, event.cause) == (Tag.ERASED, key, world.key_of("avery"), "")
    assert event.client_key == ""
    assert EMAIL not in caplog.text


async def test_an_erasure_does_not_change_the_directory() -> None:
    """The person can sign in again, without a registration."""
    world, admin = await administered()
    await erase(world, admin)
    world.clock.move(seconds=1)
    session = await world.sign_in("ada")
    assert (await world.service.use(ViewRegistration)(session)).methods == ()
    assert await world.status(session) == "must_register"
    await world.register(session, "email", EMAIL)
    assert world.row().confirmed


@pytest.mark.parametrize("steps", ["started", "challenged", "granted"])
async def test_an_erasure_ends_a_reset_under_way(steps: str) -> None:
    """Even if its token has the constant first version, because the erased row has a new version."""
    world, admin = await administered()
    assert world.row().version == FIRST_VERSION
    token = await (world.prove() if steps == "granted" else world.start())
    if steps == "challenged":
        token = await world.challenge(token)
    code = world.code() if world.codes() else "1234 5678"
    await erase(world, admin)
    world.orders.clear()
    messages = len(world.messages())
    if steps == "started":
        token = await world.challenge(token)
        assert len(world.messages()) == messages, "there is nowhere to send to"
    with pytest.raises(Refused):
        await (world.complete(token) if steps == "granted" else world.answer(token, code))


STEPS: dict[str, Callable[[World, str], Awaitable[object]]] = {
    "view": lambda world, session: world.service.use(ViewRegistration)(session),
    "begin": lambda world, session: world.begin(session, "email", EMAIL),
    "begin a secret": lambda world, session: world.begin(session, "authenticator_app"),
    "confirm": lambda world, session: world.confirm(session, "mobile_phone", "1234 5678"),
    "reconfirm": lambda world, session: world.service.use(Reconfirm)(session, world.trail),
    "remove": lambda world, session: world.remove(session, "email"),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_an_erasure_ends_earlier_sessions(step: Callable[[World, str], Awaitable[object]]) -> None:
    """A registration that they began must not fill the erased row again."""
    world, admin = await administered()
    key, session = world.key_of("ada"), await world.sign_in("ada")
    await world.begin(session, "mobile_phone", "+33639980009")
    world.clock.move(seconds=1)
    await erase(world, admin)
    with pytest.raises(SignInRequired):
        await step(world, session)
    await erased_row(world, key)


async def test_a_completion_under_way_writes_no_data_to_an_erased_row() -> None:
    """The password was set, but its last write finds the erased row and adds nothing."""
    world, admin = await administered()
    token = await world.prove()
    key = world.key_of("ada")
    set_password = world.directory.set_password

    async def erased_meanwhile(*arguments: object) -> None:
        await erase(world, admin)
        await set_password(*arguments)  # type: ignore[arg-type]

    world.directory.set_password = erased_meanwhile  # type: ignore[method-assign]
    await world.complete(token)
    row = await erased_row(world, key)
    assert (row.object_id, row.methods, row.notices, row.is_empty) == (None, (), (), True)
    assert any("was changed" in text for text in world.messages())


async def test_an_erased_row_is_purged_like_any_idle_row() -> None:
    """After thirty days."""
    world, admin = await administered()
    key = world.key_of("ada")
    await erase(world, admin)
    world.adapters.promised.taken()  # lost, so that the notice is still on the row
    world.clock.move(days=31)
    await world.service.use(Purge)()
    assert key not in world.people.rows


async def test_a_person_who_is_no_longer_in_the_directory_can_be_erased() -> None:
    """The directory no longer has the name, but Names still leads to the row, as does every other name."""
    world, admin = await administered()
    key = world.key_of("ada")
    await world.adapters.names.bind(world.adapters.keyring.name_key("ada.l"), key)
    world.directory.accounts = {
        object_id: entry for object_id, entry in world.directory.accounts.items() if "ada" not in entry[0].names
    }
    assert await erase(world, admin, "ada.l")
    await erased_row(world, key)
    assert key not in world.adapters.names.accounts.values()
    with pytest.raises(NotFound):
        await erase(world, admin, "ada")


@pytest.mark.parametrize(
    ("change", "refused"),
    [({"names": ("augusta",)}, NotAllowed), ({"names": ("augusta",), "shared_names": ("ada",)}, NotFound)],
    ids=["renamed", "shared"],
)
async def test_a_name_that_the_directory_has_no_more_is_no_way_past_a_role(
    change: dict[str, tuple[str, ...]], refused: type[Exception]
) -> None:
    """Names still leads to the row, and the entry is found by its id: nobody has left (rules 8 and 24)."""
    world, admin = await administered()
    entry = await world.directory.resolve("ada")
    assert entry is not None
    world.directory.accounts[entry.object_id] = (replace(entry, roles=frozenset({"auditor"}), **change), PASSWORD)
    before = world.row()
    with pytest.raises(refused):
        await erase(world, admin)
    assert world.row() == before


async def test_an_unknown_name_erases_nothing() -> None:
    """The answer says so, and the audit log has the cause."""
    world, admin = await administered()
    writes = world.people.writes
    with pytest.raises(NotFound):
        await erase(world, admin, "nobody")
    assert world.people.writes == writes
    assert (world.trail.events[-1].tag, world.trail.events[-1].cause) == (Tag.ERASED, "unknown_identifier")
    with pytest.raises(InvalidInput):
        await erase(world, admin, "")


async def test_a_second_erasure_finds_nothing() -> None:
    """The row stays as it is, and sessions are not ended again."""
    world, admin = await administered()
    key = world.key_of("ada")
    assert await erase(world, admin)
    before = await erased_row(world, key)
    world.clock.move(minutes=1)
    assert not await erase(world, admin)
    assert await erased_row(world, key) == before
    assert world.trail.events[-1].cause == "nothing_kept"


@pytest.mark.parametrize(("name", "why"), [("blair", "privileged"), ("avery", "own_account")])
async def test_an_account_with_a_role_is_not_erased(name: str, why: str) -> None:
    """It keeps its two gates (R-28), and the attempt is recorded."""
    world, admin = await administered()
    await world.account("blair", roles=frozenset({"administrator"}), email="blair@mail.example")
    with pytest.raises(NotAllowed) as refused:
        await erase(world, admin, name)
    assert (refused.value.reason, world.trail.events[-1].cause) == (why, f"erase {why}")
    assert world.row("blair").confirmed


async def test_only_an_administrator_can_erase() -> None:
    """With a valid session that is newer than the administrator's own password."""
    world, admin = await administered()
    with pytest.raises(NotAllowed):
        await erase(world, await world.sign_in("ada"))
    with pytest.raises(SignInRequired):
        await erase(world, "no token")
    world.people.put(replace(world.row("avery"), session_version="a later one"))
    with pytest.raises(SignInRequired):
        await erase(world, admin)
    assert world.row().confirmed


async def test_an_interrupted_erasure_can_be_repeated() -> None:
    """The names are deleted last, because the row may be found only by them."""
    world, admin = await administered()
    key = world.key_of("ada")
    world.adapters.limiter.is_lost = True
    with pytest.raises(StoreLost):
        await erase(world, admin)
    world.adapters.limiter.is_lost = False
    assert world.key_of("ada") == key
    assert await erase(world, admin)
    assert key not in world.adapters.names.accounts.values()


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
async def test_an_erasure_succeeds_when_an_answer_of_the_store_is_lost(fault: Fault) -> None:
    """The erased row is found by the nonce of its writer (rule 4)."""
    world, admin = await administered(reminder_day="20260901")
    await world.adapters.due.add("20260901", world.key_of("ada"))
    world.people.faults = [fault]
    key = world.key_of("ada")
    assert await erase(world, admin)
    await erased_row(world, key)
    assert world.adapters.due.entries == set()
