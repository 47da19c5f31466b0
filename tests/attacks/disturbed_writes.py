"""Every kind of write to a person's row, and a store in which others write at the same moment.

A kind is a function that prepares a world and returns the action that makes the write.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.domain.account import AccountKey
from shared.domain.contact import EmailAddress
from shared.domain.errors import SesameError
from shared.domain.person import Failures, Person
from shared.domain.reachability import DeliveryReport, Outcome
from shared.domain.roles import Role
from shared.ports.directory import PasswordNotTaken
from shared.ports.people import Stored
from shared.ports.store import StoreLost
from shared.usecases.activate import Activate
from shared.usecases.change_password import ChangePassword
from shared.usecases.erase import Erase
from shared.usecases.freeze import Freeze
from shared.usecases.mark_undelivered import MarkUndelivered
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remind import Remind
from shared.usecases.set_first_password import SetFirstPassword
from shared.usecases.take_method import TakeMethod
from shared.validation.records import encode
from tests.attacks import letters
from tests.attacks.authenticator import APP, App, an_app
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, PHONE, WHY, World, a_world, prefilled, wrong
from tests.fakes.people import MemoryPeople

Act = Callable[[], Awaitable[object]]


class BusyPeople(MemoryPeople):
    """A store where others write before a write arrives, or between a write and the next read."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead: list[int] = []
        """How many others write before each of the next writes."""
        self.behind: list[int] = []
        """How many others write after each of them. Then the answer of the write is lost. 0 changes nothing."""
        self.afterwards: Callable[[Person], Person] | None = None
        """How one other writer changes the row after the next write, whose answer is then lost. Applied once."""

    async def write(self, person: Person, revision: str | None) -> Stored:
        self._others(person.account, self.ahead.pop(0) if self.ahead else 0)
        stored = await super().write(person, revision)
        if afterwards := self.afterwards:
            self.afterwards = None
            self.put(afterwards(person).stamped("somebody else", person.ring))
            raise StoreLost
        if behind := self.behind.pop(0) if self.behind else 0:
            self._others(person.account, behind)
            raise StoreLost
        return stored

    def _others(self, account: AccountKey, count: int) -> None:
        for _ in range(count):
            row, revision = self.rows.get(account, (Person(account=account), 0))
            self.put(row.stamped(f"somebody else {revision:08}", row.ring))


def a_busy_world() -> tuple[World, BusyPeople]:
    """Return a world with Ada, whose new methods do not rest."""
    world = a_world(new_method_rest_hours=0, reconfirm_days=1)
    people = BusyPeople()
    world.people = world.adapters.people = people
    world.forget_what_was_built()
    return world, people


async def told(act: Act) -> str:
    """Return what the caller learns: the answer or its type, or the code of the refusal."""
    try:
        answer = await act()
        return str(answer) if isinstance(answer, bool | str) else type(answer).__name__
    except SesameError as no:
        return f"{type(no).__name__} {no.code}"


def plain(value: object) -> Any:
    """Return a row, an order or an event as the JSON that it is stored as."""
    return json.loads(encode(value))


def left_behind(world: World, *, with_rings: bool) -> dict[str, Any]:
    """Return rows, messages, orders and events, without ciphertexts and event times, which always differ."""
    rows = {key: plain(person) for key, (person, _) in world.people.rows.items()}
    for row in rows.values():
        for place in ("methods", "pending", "removed"):
            for entry in row[place]:
                entry["sealed"].pop("text")
        if not with_rings:
            row.pop("ring")
    return {
        "rows": rows,
        "messages": [m.idempotency for channel in world.adapters.channels.values() for m in channel.messages],
        "orders": [plain(order) for order in world.orders],
        "promised": sorted({order.event for _, order in world.adapters.promised.promises}),
        "events": [plain(replace(event, at=world.clock.at)) | {"at": ""} for event in world.trail.events],
        "due": sorted(world.adapters.due.entries),
    }


# -- a reset --


async def right_answer(world: World) -> Act:
    await world.ada()
    token = await world.challenge(await world.start())
    return lambda: world.answer(token, world.code())


async def right_answer_by_app(world: World) -> Act:
    await world.ada()
    app = await an_app(world)
    token = await world.ask(await world.start(), APP)
    code = app.code()
    return lambda: world.answer(token, code)


async def wrong_answer(world: World) -> Act:
    await world.ada()
    token = await world.challenge(await world.start())
    return lambda: world.answer(token, wrong(world.code()))


async def strangers_wrong_answer(world: World) -> Act:
    token = await world.challenge(await world.start("unknown"))
    return lambda: world.answer(token, "11111111")


async def wrong_answer_that_suspends(world: World) -> Act:
    await world.ada(failures={"reset:1:email": Failures(since=world.clock.now(), count=9)})
    token = await world.challenge(await world.start())
    return lambda: world.answer(token, wrong(world.code()))


async def delivery_of_a_code(world: World) -> Act:
    await world.ada()
    await world.ask(await world.start())
    return world.deliver


async def delivery_of_nothing(world: World) -> Act:
    await world.ask(await world.start("unknown"))
    return world.deliver


async def reservation(world: World) -> Act:
    await world.ada()
    token = await world.prove()
    return lambda: world.complete(token)


async def refused_reservation(world: World) -> Act:
    """Its second write withdraws the first one."""
    act = await reservation(world)
    world.directory.answers = [PasswordNotTaken(["history"])]
    return act


# -- a signed-in person --


async def session_of(world: World, **row: Any) -> str:
    await world.account("ada", **row)
    return await world.sign_in()


async def beginning_with_a_code(world: World) -> Act:
    session = await session_of(world)
    return lambda: world.begin(session, "email", EMAIL)


async def beginning_with_another_code(world: World) -> Act:
    session = await session_of(world)
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    world.clock.move(seconds=world.policy.send_interval_seconds)
    return lambda: world.begin(session, "email", EMAIL)


async def beginning_with_a_secret(world: World) -> Act:
    session = await session_of(world)
    return lambda: world.begin(session, APP)


async def confirmation_by_code(world: World) -> Act:
    session = await session_of(world)
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    return lambda: world.confirm(session, "email")


async def confirmation_of_the_stored_contact(world: World) -> Act:
    session = await session_of(world, email=EMAIL, mobile_phone=PHONE)
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    return lambda: world.confirm(session, "email")


async def confirmation_by_secret(world: World) -> Act:
    session = await session_of(world)
    begun = await world.begin(session, APP)
    assert begun.enrolment is not None
    code = App(world, begun.enrolment["secret"]).code()
    return lambda: world.confirm(session, APP, code)


async def wrong_confirmation(world: World) -> Act:
    session = await session_of(world)
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    return lambda: world.confirm(session, "email", wrong(world.code()))


async def removal(world: World) -> Act:
    session = await session_of(world, email=EMAIL, mobile_phone=PHONE)
    return lambda: world.remove(session, "email")


async def removal_of_an_app(world: World) -> Act:
    session = await session_of(world, email=EMAIL)
    app = await an_app(world)
    return lambda: world.remove(session, APP, credential=app.credential)


async def removal_of_what_was_prefilled(world: World) -> Act:
    key = await world.account("ada")
    world.people.put(replace(world.row(), methods=(prefilled("email", EMAIL, key),)))
    session = await world.sign_in()
    return lambda: world.remove(session, "email")


async def reconfirmation(world: World) -> Act:
    session = await session_of(world, email=EMAIL, mobile_phone=PHONE)
    return lambda: world.service.use(Reconfirm)(session, world.trail)


async def change_of_password(world: World) -> Act:
    session = await session_of(world, email=EMAIL, mobile_phone=PHONE)
    return lambda: world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)


# -- an administrator --


async def administrator(world: World) -> str:
    await world.ada()
    await world.account("avery", roles=frozenset({Role.ADMINISTRATOR}))
    return await world.sign_in("avery")


async def prefill(world: World, row: dict[str, object]) -> Act:
    session = await administrator(world)

    async def act() -> str:
        verdicts = await world.prefill(session, row)
        return verdicts[0].verdict

    return act


async def prefill_of_a_contact(world: World) -> Act:
    return await prefill(world, {"identifier": "ada", "office_phone": "+33155501234"})


async def prefill_of_a_language(world: World) -> Act:
    return await prefill(world, {"identifier": "ada", "language": "fr"})


async def erasure(world: World) -> Act:
    session = await administrator(world)
    return lambda: world.service.use(Erase)(session, "ada", WHY, world.trail)


async def removal_by_an_administrator(world: World) -> Act:
    session = await administrator(world)
    return lambda: world.service.use(TakeMethod)(session, "ada", "email", letters.LOST, world.trail)


async def freeze(world: World) -> Act:
    session = await administrator(world)
    return lambda: world.service.use(Freeze)(session, "ada", letters.LOST, world.trail)


async def thaw(world: World) -> Act:
    session = await administrator(world)
    await world.service.use(Freeze)(session, "ada", letters.LOST, world.trail)
    return lambda: world.service.use(Freeze).thaw(session, "ada", letters.LOST, world.trail)


async def request_for_a_code(world: World) -> Act:
    await letters.office(world)
    session = await world.sign_in("avery")
    return lambda: world.service.use(Activate)(session, "ada", letters.LOST, world.trail)


async def approval_of_a_code(world: World) -> Act:
    await letters.office(world)
    asked = await letters.ask(world, "ada")
    session, request = await world.sign_in("blake"), asked.request or ""
    return lambda: world.service.use(Activate).approve(session, "ada", request, WHY, world.trail)


# -- with the code of an administrator --


async def first_confirmation_with_a_code(world: World) -> Act:
    token = await letters.enter(await letters.office(world), await letters.letter(world))
    await world.begin(token, "email", EMAIL)
    await world.deliver()
    return lambda: world.confirm(token, "email")


async def first_password(world: World) -> Act:
    token = await letters.enter(await letters.office(world), await letters.letter(world))
    return lambda: world.service.use(SetFirstPassword)(token, NEW_PASSWORD, world.trail)


# -- what a queue or a provider brings --


async def reminder(world: World) -> Act:
    """Its first write claims the day, its second adds the next one."""
    await world.ada()
    await world.service.use(Reconfirm)(await world.sign_in(), world.trail)
    world.clock.move(days=2)
    await world.service.use(Remind)()
    return world.deliver


async def notice(world: World) -> Act:
    await world.ada()
    await world.complete(await world.prove())
    [order] = world.adapters.promised.taken()
    return lambda: world.deliver(order)


async def delivery_report(world: World) -> Act:
    key = await world.ada()
    world.clock.move(hours=1)
    moment = world.clock.now() - timedelta(minutes=1)
    report = DeliveryReport(account=key, contact=EmailAddress(EMAIL), outcome=Outcome.BOUNCED, at=moment)
    return lambda: world.service.use(MarkUndelivered)(report, world.trail)
