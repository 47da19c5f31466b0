"""Rule 18: the status needs a session; sign-ins are limited and counted, and unknown names cost the same."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import BotCheckRequired, Limited, NotAllowed, NotFound, Refused, SignInRequired
from shared.domain.trail import Tag, Trail
from shared.ports.directory import Capability
from shared.usecases._bot_check import BotCheck
from shared.usecases._password_check import NOBODY
from shared.usecases.change_password import ChangePassword
from shared.usecases.create_account import CreateAccount
from shared.usecases.reconfirm import Reconfirm
from tests.attacks.no_limits import STRANGER
from tests.builders import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_world, solved

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
        await world.status(token)


@pytest.mark.parametrize("use", ["session", "verification", "reset"])
@pytest.mark.parametrize("token", ["session", "verification", "reset"])
async def test_a_token_is_valid_for_its_own_purpose_only(token: str, use: str) -> None:
    """The purpose is part of the seal: a verification token is not a session, and the reverse (R-29)."""
    world = a_world()
    await world.ada()
    tokens = {"verification": await world.start(), "reset": await world.prove()}
    tokens["session"] = await world.sign_in()
    uses = {
        "session": world.status,
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
    status = world.status
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


async def fails(world: World, name: str = "ada", password: str = WRONG, **how: str) -> None:
    with pytest.raises(SignInRequired):
        await world.sign_in(name, password, **how)


async def test_five_failed_sign_ins_refuse_that_name_from_that_client() -> None:
    """For fifteen minutes, or until the bot check, which opens five more. Other clients and names still sign in."""
    world = a_world()
    await world.ada()
    await world.account("bob")
    for _ in range(5):
        await fails(world)
    for _ in range(5):
        await fails(world, solution=await world.check(by=world.sign_in))
    solution = await world.check(by=world.sign_in)
    with pytest.raises(Limited):
        await world.sign_in("ada", solution=solution)
    assert world.directory.hashes == 10, "at the limit the directory is not asked"
    await world.sign_in("ada", client="198.51.100.1")
    await world.sign_in("bob")
    world.clock.move(minutes=15)
    await world.sign_in("ada")


async def test_twenty_failed_sign_ins_of_one_client_refuse_it_for_every_name() -> None:
    """It limits how many stolen passwords can be tried from one address."""
    world = a_world()
    await world.ada()
    for n in range(20):
        await fails(world, f"name{n}")
    solution = await world.check(by=world.sign_in)
    assert solution
    await world.sign_in(solution=solution)


@pytest.mark.parametrize("networks", [(), ("203.0.113.0/24",)], ids=["a client", "a declared network"])
async def test_successful_sign_ins_count_for_a_limit_of_their_own(networks: tuple[str, ...]) -> None:
    """Sixty an hour of one name from one client, and none of them counts as a failure of the client."""
    world = a_world(networks=networks, network_factor=2)
    await world.ada()
    for _ in range(60):
        await world.sign_in()
    with pytest.raises(Limited):
        await world.sign_in()
    assert world.directory.hashes == 60
    await world.sign_in(client=STRANGER)


async def test_an_unknown_name_costs_the_same_and_gets_the_same_answer() -> None:
    """Unknown, not registered, disabled and wrong; open and closed; asked for the check, with it, and another day."""
    world = a_world(session_failures_consecutive=20, bot_check_tries=1)
    await world.ada()
    await world.account("disabled")
    await world.directory.set_enabled("disabled", enabled=False)
    await world.service.use(CreateAccount)("unregistered", PASSWORD)
    seen = {}
    for name in ("ada", "unknown", "disabled", "unregistered"):
        costs = []
        for n in range(24):
            client, solution = f"198.51.100.{n}", ""
            if n == 21:
                solution = await world.check(name, client=client, by=world.sign_in)
            if n == 22:
                world.clock.move(days=1)
            counts = (world.directory.hashes, world.people.reads, world.people.writes, len(world.directory.calls))
            limits, promises = world.adapters.limiter.hits.total(), len(world.adapters.promised.promises)
            world.trail = Trail()
            password = PASSWORD if name == "disabled" else WRONG
            with pytest.raises(BotCheckRequired if n == 20 else SignInRequired) as refused:
                await world.sign_in(name, password, client=client, solution=solution)
            now = (world.directory.hashes, world.people.reads, world.people.writes, len(world.directory.calls))
            spent = [after - before for before, after in zip(counts, now, strict=True)]
            spent += [world.adapters.limiter.hits.total() - limits, len(world.adapters.promised.promises) - promises]
            (event,) = world.trail.events
            assert n == 20 or (event.tag, event.account) == (Tag.SESSION_REFUSED, world.key_of(name))
            costs.append((spent, event.cause, str(refused.value)))
        seen[name] = costs
    assert seen["ada"] == seen["unknown"] == seen["disabled"] == seen["unregistered"]
    assert [tuple(spent[:3]) for spent, *_ in seen["ada"]] == [(1, 1, 1)] * 20 + [(0, 0, 0)] + [(1, 1, 1)] * 3
    assert [spent[-1] for spent, *_ in seen["ada"]] == [0] * 19 + [1, 0, 0, 0, 0]
    assert [cause for *_, cause, _ in seen["ada"]] == [""] * 20 + ["session.name", "", "closed", "closed"]


# -- failures in a row, on the row --

ALMOST = {"sign_in_failures": 99}


async def a_hundred_failures(**row: Any) -> World:
    """Return a world where Ada has two names and signed in from CLIENT, and strangers failed 100 times in a row."""
    world = a_world()
    await world.ada(**row)
    await world.sign_in()
    entry, password = world.directory.accounts[world.row().object_id]
    world.directory.accounts[world.row().object_id] = (replace(entry, names=("ada", "a.lovelace")), password)
    for n in range(100):
        await fails(world, ("ada", "a.lovelace")[n % 2], client=f"198.51.100.{n}")
    return world


async def test_a_hundred_failures_in_a_row_leave_sign_in_to_known_clients() -> None:
    """Under all names and from all addresses together. Others get the answer of a wrong password for the right one."""
    world = await a_hundred_failures()
    for name in ("ada", "a.lovelace"):
        await fails(world, name, PASSWORD, client=STRANGER)
    assert world.directory.asked_about[-2:] == [NOBODY, NOBODY], "nobody guesses on at the directory"
    assert world.trail.events[-1].cause == "closed"
    await fails(world)
    await world.sign_in()
    await world.sign_in(client=STRANGER)
    assert world.row().sign_in_failures == 0


@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_a_hundred_failures_of_a_name_open_it_to_solved_checks_and_known_clients(name: str) -> None:
    """From clients that each have tries left. Known and unknown names meet the check at the same number (rule 9)."""
    world = a_world(bot_check_tries=1)
    await world.ada()
    await world.sign_in()
    world.directory.hashes = 0
    told = [
        await asyncio.gather(fails(world, name, client=f"198.51.100.{n}"), return_exceptions=True) for n in range(120)
    ]
    assert [type(one) for (one,) in told] == [type(None)] * 100 + [BotCheckRequired] * 20
    assert world.directory.hashes == 100
    solution = await world.check(name, client=STRANGER, by=world.sign_in)
    for step, of in (("reset", name), ("session", "another name")):
        asked = await world.service.use(BotCheck).challenge(step=step, name=world.adapters.keyring.name_key(of))
        useless = solved(BotCheckRequired(asked))
        with pytest.raises(BotCheckRequired):
            await world.sign_in(name, client=STRANGER, solution=useless)
    result = await asyncio.gather(
        *(world.sign_in(name, client=STRANGER, solution=solution) for _ in range(5)), return_exceptions=True
    )
    kinds = Counter(type(one).__name__ for one in result)
    assert kinds == {"str" if name == "ada" else "SignInRequired": 1, "BotCheckRequired": 4}


@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_everybody_can_ask_for_a_check_with_which_a_closed_account_can_be_tried(name: str) -> None:
    """Closed under other names or on other days, no name asks for the check. It costs no hash and counts nothing."""
    world = a_world(bot_check_tries=1)
    await world.ada()
    world.people.put(replace(world.row(name), sign_in_failures=100))
    await fails(world, name, PASSWORD, client=STRANGER)
    hashes, hits = world.directory.hashes, world.adapters.limiter.hits.total()
    with pytest.raises(BotCheckRequired) as asked:
        await world.sign_in(name, client=STRANGER, solution="wanted")
    assert (world.directory.hashes, world.adapters.limiter.hits.total()) == (hashes, hits)
    again = world.sign_in(name, client=STRANGER, solution=solved(asked.value))
    if name == "ada":
        assert await again
    else:
        with pytest.raises(SignInRequired):
            await again


async def test_solved_checks_and_known_clients_have_a_day_of_their_own() -> None:
    """Neither spends the other's, and strangers use up nothing of the known clients (rule 10)."""
    world = a_world(session_failures_consecutive=20, bot_check_tries=1)
    await world.ada()
    await world.sign_in()
    for n in range(40):
        client = f"198.51.100.{n}"
        await fails(world, client=client, solution="" if n < 20 else await world.check(client=client, by=world.sign_in))
    solution = await world.check(client=STRANGER, by=world.sign_in)
    with pytest.raises(Limited):
        await world.sign_in(client=STRANGER, solution=solution)
    for _ in range(4):
        await fails(world)
    await world.sign_in()


async def test_a_declared_network_has_more_failures_for_one_name() -> None:
    """Somebody who mistypes a name five times does not close it to the office (rule 15)."""
    world = a_world(networks=("203.0.113.0/24",), network_factor=2)
    await world.ada()
    for _ in range(10):
        await fails(world)
    assert await world.check(by=world.sign_in)


async def test_a_completed_reset_ends_a_run_of_failed_sign_ins() -> None:
    """So the owner has a way to sign in from anywhere."""
    world = await a_hundred_failures()
    await world.complete(await world.prove())
    await world.sign_in(password=NEW_PASSWORD, client=STRANGER)


async def test_a_person_is_told_once_a_day_that_sign_in_is_closed() -> None:
    """The notice comes with the hundredth failure, from the row, and again on another day only."""
    world = await a_hundred_failures()
    await world.tell()
    assert "many times in a row" in world.messages()[-1]
    told = len(world.messages())
    for hours, more in ((0, 0), (23, 0), (1, 1)):
        world.clock.move(hours=hours)
        await world.sign_in()
        world.people.put(replace(world.row(), **ALMOST))
        await fails(world, client=STRANGER)
        await world.tell()
        assert len(world.messages()) - told == more


@pytest.mark.parametrize("guesses", [[WRONG, PASSWORD], [PASSWORD, WRONG], [WRONG, WRONG, PASSWORD, PASSWORD]])
async def test_parallel_guesses_are_answered_only_within_the_hundred(guesses: list[str]) -> None:
    """The hundredth failure and a right guess arrive together. The right one counts only if its write came first."""
    world = a_world()
    await world.ada(**ALMOST)
    told = await asyncio.gather(
        *(world.sign_in(password=guess, client=f"198.51.100.{n}") for n, guess in enumerate(guesses)),
        return_exceptions=True,
    )
    succeeded = [isinstance(one, str) for one in told]
    assert any(succeeded) == (guesses[0] == PASSWORD)


async def test_sign_in_and_registration_make_a_client_known() -> None:
    """As a reset does: the newest five (rule 10)."""
    world = a_world()
    await world.account("ada")
    clients = [f"198.51.100.{n}" for n in range(7)]
    for client in clients[:6]:
        session = await world.sign_in(client=client)
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    await world.confirm(session, "email", client=clients[6])
    newest = [world.adapters.keyring.client_key(client) for client in reversed(clients)]
    assert world.row().known_clients == tuple(newest[:5])
    found = await world.adapters.names.find(world.adapters.keyring.name_key("ada"))
    assert set(found.clients.values()) == set(newest[:5])


async def test_one_name_cannot_take_every_place_among_the_hashes() -> None:
    """Four sign-ins of one name at once in an instance. Other names and known clients have their own places."""
    world = a_world()
    await world.ada()
    await world.account("bob")
    await world.sign_in()
    authenticate, free = world.directory.authenticate, asyncio.Event()

    async def slow(*given: str) -> Any:
        await free.wait()
        return await authenticate(*given)

    world.directory.authenticate = slow  # type: ignore[method-assign]
    flood = [asyncio.create_task(world.sign_in(client=f"198.51.100.{n}")) for n in range(6)]
    others = [asyncio.create_task(world.sign_in(name)) for name in ("ada", "bob")]
    for _ in range(50):
        await asyncio.sleep(0)
    free.set()
    told = await asyncio.gather(*flood, *others, return_exceptions=True)
    assert [type(one).__name__ for one in told] == ["str"] * 4 + ["TryAgain"] * 2 + ["str"] * 2
    await world.sign_in(client=STRANGER)


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


async def test_guesses_with_a_session_count_among_the_hundred() -> None:
    """A stolen session gives no guesses of its own. A known client can still change the password."""
    world = a_world()
    await world.ada(**ALMOST)
    change, new = world.service.use(ChangePassword), "velvet harbour mosaic tundra"
    session = await world.sign_in()
    world.people.put(replace(world.row(), **ALMOST))
    for guess in (WRONG, PASSWORD):
        with pytest.raises(Refused):
            await change(session, guess, new, world.trail, client=STRANGER)
    assert world.row().sign_in_failures == 100
    assert [notice.template for notice in world.row().notices] == ["sign_in_closed"]
    await change(session, PASSWORD, new, world.trail, client=CLIENT)
    assert world.row().sign_in_failures == 0


async def test_only_administrators_prefill() -> None:
    """A session without the role is refused before any row is read."""
    world = a_world()
    await world.ada()
    with pytest.raises(NotAllowed):
        await world.prefill(await world.sign_in(), dry_run=True)
    with pytest.raises(SignInRequired):
        await world.prefill("", dry_run=True)


async def test_where_the_directory_checks_no_passwords_nobody_signs_in_or_changes_one_here() -> None:
    """The same for everybody, before anything is counted or read, and the directory is not asked."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    absent = {Capability.CHECK_PASSWORD, Capability.CHANGE_PASSWORD}
    world.directory.capabilities = frozenset(Capability) - absent  # type: ignore[misc]
    world.directory.calls.clear()
    change = world.service.use(ChangePassword)
    for name in ("ada", "nobody"):
        with pytest.raises(NotFound):
            await world.sign_in(name)
    with pytest.raises(NotFound):
        await change(session, PASSWORD, NEW_PASSWORD, world.trail)
    assert world.directory.calls == []
