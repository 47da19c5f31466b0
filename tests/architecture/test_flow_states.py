"""Every state diagram in docs/flows.md has the states of the code, and its arrows are executed here.

`test_flows.py` executes those of a verification.

Long: one walk for each diagram.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any, get_args

import pytest

from functions._registration import MethodAnswer
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.contact import EmailAddress, PhoneNumber
from shared.domain.errors import ProofRequired
from shared.domain.loss_wait import OPEN_FOR, wait_of
from shared.domain.person import CompletionState, MethodState, Person, Reminder
from shared.domain.reachability import DeliveryReport, Outcome, Reply
from shared.domain.reminders import Daytime, Stage, next_reminder, stage_of
from shared.domain.sign_in_status import SignInStatus
from shared.domain.trail import NoticeOrder, Tag
from shared.domain.unproved_change import TEMPLATE as UNPROVED
from shared.ports.channel import NotSent
from shared.ports.promised_notices import SOON
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.freeze import Freeze
from shared.usecases.mark_undelivered import MarkUndelivered
from shared.usecases.note_reply import NoteReply
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.report_loss import ReportLoss
from shared.usecases.view_registration import ViewRegistration
from shared.usecases.withdraw_loss import WithdrawLoss
from tests.architecture.tree import ROOT
from tests.attacks.letters import enter, letter, office
from tests.attacks.test_rule_14_recovery_codes import SHEET, with_a_sheet
from tests.attacks.test_rule_20_compromised import declare
from tests.attacks.test_rule_20_stolen_sign_in import registration_is_forced
from tests.builders import CLIENT, EMAIL, PHONE, World, a_person, a_policy, a_world, prefilled
from tests.calls import walked_calls
from tests.fakes.clock import MONDAY_MORNING

Arrow = tuple[str, str]
NOWHERE = "[*]"
PAGE = (ROOT / "docs" / "flows.md").read_text("utf-8")


def diagrams() -> dict[str, set[Arrow]]:
    """Return the arrows of each state diagram, by its heading and its number under it."""
    found = {}
    for section in PAGE.split("\n## ")[1:]:
        title = section.partition("\n")[0]
        for number, drawn in enumerate(section.split("```mermaid\nstateDiagram-v2\n")[1:], start=1):
            arrows = re.findall(r"^\s*(\S+) --> (\S+?)(?::|$)", drawn.split("```")[0], re.MULTILINE)
            found[f"{title} {number}"] = set(arrows)
    return found


STATES: dict[str, set[str]] = {
    "A verification 1": {"started", "challenged", "gate_passed", "granted", "reserved", "done", "unknown"},
    "A notice 1": {"promised", "owed", "told", "given_up"},
    "A registration 1": {*get_args(MethodAnswer.model_fields["state"].annotation)},
    "A registration 2": {"refused", "proved", "told"},
    "A registration 3": {"made", "stopped"},
    "A registration 4": {"waiting", "open"},
    "A sign-in page 1": {*SignInStatus},
    "A reminder 1": {*Stage, "waiting", "later", "ended"},
    "STOP and START 1": {"wanted", "refused"},
    "A call 1": {"placed", "announced", "asked", "spoken", "ended"},
    "An activation 1": {"asked", "issued", "spent"},
}
"""Where the code names its states, they come from there."""

OF_A_COMPLETION = {
    CompletionState.UNDER_WAY: "reserved",
    CompletionState.DONE: "done",
    CompletionState.UNKNOWN: "unknown",
    CompletionState.WITHDRAWN: "granted",
}


def test_the_page_draws_every_state_and_no_other() -> None:
    """A state that the code gains must be drawn, and so must a machine."""
    drawn = {name: {state for arrow in arrows for state in arrow} - {NOWHERE} for name, arrows in diagrams().items()}
    assert drawn == {name: set(map(str, states)) for name, states in STATES.items()}
    assert set(OF_A_COMPLETION) == set(CompletionState)
    assert set(OF_A_COMPLETION.values()) < drawn["A verification 1"]
    assert {state.value for state in MethodState} < drawn["A registration 1"]


class Path:
    """A walk through the states that `state` reads from the world."""

    def __init__(self, world: World, state: Callable[[World], Awaitable[str]]) -> None:
        self.world, self.state, self.at = world, state, NOWHERE
        self.arrows: set[Arrow] = set()

    async def step(self, before: str = "") -> None:
        """Note the arrow to the state that it is in now. `before`: a path that begins there."""
        now = await self.state(self.world)
        self.arrows.add((before or self.at, now))
        self.at = now


def of_method(name: str) -> Callable[[World], Awaitable[str]]:
    async def state(world: World) -> str:
        view = await world.service.use(ViewRegistration)(await world.sign_in())
        return next((method.state for method in view.methods if method.method == name), NOWHERE)

    return state


async def confirms(world: World, contact: str | None, path: Path) -> None:
    world.clock.move(minutes=2)
    session = await world.sign_in()
    await world.begin(session, "email", contact)
    await path.step()
    world.clock.move(minutes=2)
    await world.begin(session, "email", contact)
    await path.step()
    await world.deliver()
    await world.confirm(session, "email")
    await path.step()


async def report(world: World, outcome: Outcome) -> None:
    world.clock.move(minutes=5)
    key = world.key_of("ada")[:12]
    await world.service.use(MarkUndelivered)(
        DeliveryReport(account=key, contact=EmailAddress(EMAIL), outcome=outcome, at=world.clock.now()), world.trail
    )


async def methods() -> set[Arrow]:
    first = a_world()
    await first.account("ada")
    path = Path(first, of_method("email"))
    await confirms(first, EMAIL, path)

    world = a_world(new_method_rest_hours=0)
    key = await world.account("ada", mobile_phone=PHONE)
    row = world.row()
    world.people.put(replace(row, methods=(*row.methods, prefilled("email", EMAIL, key))))
    other = Path(world, of_method("email"))
    await other.step()
    await confirms(world, None, other)
    for bad in (Outcome.BOUNCED, Outcome.DELIVERED):
        await report(world, bad)
        await other.step()
    world.clock.move(days=world.policy.reconfirm_days)
    await other.step()
    await world.service.use(Reconfirm)(await world.sign_in(), world.trail)
    await other.step()
    await registration_is_forced(world)
    await other.step()
    world.clock.move(minutes=2)
    session = await world.sign_in()
    await world.prove_change(session, "email")
    await other.step()
    await world.remove(session, "email")
    await other.step()

    phone = Path(world, of_method("mobile_phone"))
    await world.prove_change(session, "mobile_phone")
    await phone.step("pending")
    for stops in (True, False):
        world.clock.move(minutes=2)
        reply = Reply(contact=PhoneNumber(PHONE), opts_out=stops, at=world.clock.now())
        await world.service.use(NoteReply)(reply, world.trail)
        await phone.step()

    ada = await with_a_sheet()
    sheet = Path(ada.world, of_method(SHEET))
    await sheet.step("pending")
    await ada.use(len(ada.codes))
    await sheet.step()
    ada.world.clock.move(minutes=2)
    await ada.new_sheet(credential=ada.credential)
    await sheet.step()

    stolen = await office()
    await declare(stolen)
    mine = Path(stolen, of_method("mobile_phone"))
    await mine.step("confirmed")
    await stolen.register(await enter(stolen, await letter(stolen, "ada"), "ada"), "mobile_phone", None)
    await mine.step()
    return path.arrows | other.arrows | phone.arrows | sheet.arrows | mine.arrows


async def of_change(world: World) -> str:
    row = world.row()
    if row.frozen_at:
        return "stopped"
    return "made" if any(world.clock.now() < change.at + timedelta(hours=72) for change in row.changes) else NOWHERE


async def objections() -> set[Arrow]:
    arrows = set()
    for stops in (False, True):
        world = a_world()
        await world.ada()
        path = Path(world, of_change)
        session = await world.sign_in()
        codes = []
        for number in ("+33639980008", "+33639980009"):
            world.clock.move(minutes=2)
            await world.register(session, "mobile_phone", number)
            await world.tell()
            codes.append(world.objection(EMAIL))
        await path.step()
        await world.object_to("K7QM2-XPD9R")
        await path.step()
        if stops:
            for code in reversed(codes):
                await world.object_to(code)
                await path.step()
            await world.account("avery", mobile_phone="+33639980007", roles=frozenset({"administrator"}))
            await world.service.use(Freeze).thaw(await world.sign_in("avery"), "ada", "we spoke", world.trail)
            world.clock.move(hours=73)
        else:
            world.clock.move(hours=72)
        await path.step()
        arrows |= path.arrows
    return arrows


async def of_loss(world: World) -> str:
    wait = wait_of(world.row(), world.policy, world.clock.now())
    return NOWHERE if wait is None else "waiting" if world.clock.now() < wait[0] else "open"


async def losses() -> set[Arrow]:
    arrows = set()
    for ends in ("withdrawn", "open"):
        world = a_world()
        await world.ada()
        path = Path(world, of_loss)
        session = await world.sign_in()
        await world.service.use(ReportLoss)(session, world.trail, client=CLIENT)
        await path.step()
        if ends == "withdrawn":
            await world.service.use(WithdrawLoss)(session, world.trail)
        else:
            world.clock.move(days=7)
            world.clock.at += CLOCK_MARGIN
            await path.step()
            await world.register(await world.sign_in(), "email", "ada@new.example")
            await path.step()
            world.clock.at += OPEN_FOR
        await path.step()
        arrows |= path.arrows
    return arrows


async def of_status(world: World) -> str:
    return await world.status(await world.sign_in())


async def statuses() -> set[Arrow]:
    world = a_world(new_method_rest_hours=0)
    await world.account("ada")
    path = Path(world, of_status)
    await path.step()
    await path.step()
    session = await world.sign_in()
    for method, contact in (("email", EMAIL), ("mobile_phone", PHONE)):
        await world.register(session, method, contact)
    await path.step()
    world.clock.move(days=world.policy.reconfirm_days)
    for _ in range(2):
        await path.step()
    session = await world.sign_in()
    await world.service.use(Reconfirm)(session, world.trail)
    await path.step()
    await world.remove(session, "email")
    await path.step()
    return path.arrows


async def numbers() -> set[Arrow]:
    async def state(world: World) -> str:
        destination = next(m.destination for m in world.row().methods if m.name == "mobile_phone")
        return "refused" if await world.adapters.opt_outs.stands(destination) else "wanted"

    world = a_world()
    await world.ada()
    path = Path(world, state)
    await path.step()
    for stops in (True, False):
        world.clock.move(minutes=2)
        reply = Reply(contact=PhoneNumber(PHONE), opts_out=stops, at=world.clock.now())
        await world.service.use(NoteReply)(reply, world.trail)
        await path.step()
    return path.arrows


async def of_unproved(world: World) -> str:
    row = world.row()
    if any(notice.template == UNPROVED for notice in row.notices):
        return "refused"
    return "proved" if world.proofs else "told" if row.unproved_at else NOWHERE


async def unproved() -> set[Arrow]:
    arrows = set()
    for proves in (True, False):
        world = a_world()
        await world.ada()
        path = Path(world, of_unproved)
        session = await world.sign_in()
        with pytest.raises(ProofRequired):
            await world.service.use(BeginMethod)(session, "mobile_phone", Wish(contact="+33639980008"), world.trail)
        await path.step()
        if proves:
            world.proofs[session] = await world.prove_change(session)
            await path.step()
            await world.register(session, "mobile_phone", "+33639980008")
            world.proofs.clear()
        else:
            world.clock.move(minutes=20)
            await world.tell()
        await path.step()
        arrows |= path.arrows
    return arrows


async def of_notice(world: World) -> str:
    if world.row().notices:
        return "owed"
    tags = {event.tag for event in world.trail.events}
    if Tag.NOTICE_GIVEN_UP in tags:
        return "given_up"
    return "told" if Tag.NOTICE_DELIVERED in tags else "promised" if world.adapters.promised.promises else NOWHERE


async def notices() -> set[Arrow]:
    arrows = {("told", NOWHERE), ("given_up", NOWHERE)}
    for arrives in (True, False):
        world = a_world(gates=1)
        await world.account("ada", email=EMAIL)
        path, promise = Path(world, of_notice), world.adapters.promised.promise

        async def seen(
            order: NoticeOrder, *, delay: timedelta = SOON, path: Path = path, promise: Any = promise
        ) -> None:
            await promise(order, delay=delay)
            if path.at == NOWHERE:
                await path.step()

        world.adapters.promised.promise = seen  # type: ignore[method-assign]
        await world.complete(await world.prove("ada", "email"))
        await path.step()
        for _ in range(1 if arrives else 30):
            world.adapters.email.faults.append(NotSent("http_429", permanent=False, definite=True))
            world.clock.move(hours=3)
            await world.tell()
            await path.step()
            world.adapters.email.faults.clear()
            if path.at == "given_up":
                break
        if arrives:
            world.clock.move(hours=3)
            await world.tell()
            await path.step()
        arrows |= path.arrows
    return arrows


WALKS: dict[str, Callable[[], Awaitable[set[Arrow]]]] = {
    "A notice 1": notices,
    "A registration 1": methods,
    "A registration 2": unproved,
    "A registration 3": objections,
    "A registration 4": losses,
    "A sign-in page 1": statuses,
    "STOP and START 1": numbers,
    "A call 1": walked_calls,
}


@pytest.mark.parametrize("name", WALKS)
async def test_every_arrow_is_executed_and_every_executed_one_is_drawn(name: str) -> None:
    """With the use-cases themselves, from the first state to the last."""
    assert await WALKS[name]() == diagrams()[name]


def test_the_stages_of_reminders_follow_each_other_as_drawn() -> None:
    """From the confirmation to the last reminder, each sent at its time."""
    policy = a_policy()
    daytime = Daytime(UTC, policy)
    person: Person = a_person(email=EMAIL)
    now, at, arrows = MONDAY_MORNING, "waiting", set[Arrow]()
    while (when := next_reminder(person, daytime, now)) is not None:
        now = when
        stage = stage_of(person, daytime, now).value
        arrows.add((at, stage))
        at = stage
        person = replace(person, reminder=Reminder(day=f"{now:%Y%m%d}", at=now, sent=True))
    arrows.add((at, "ended"))
    drawn = diagrams()["A reminder 1"]
    chain = {*map(str, Stage), "waiting", "ended"} - {Stage.SUSPECT.value, Stage.RENEWAL.value}
    assert arrows == {arrow for arrow in drawn if set(arrow) <= chain and arrow[1] != "waiting"}
