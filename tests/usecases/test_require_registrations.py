"""An administrator asks many people to confirm methods again: which, how long they have, and what they hear."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.errors import AnswerRefused, Refused
from shared.domain.reregistration import Renewals
from shared.domain.roles import Role
from shared.usecases import require_registrations
from shared.usecases.remind import Remind
from shared.usecases.require_registrations import RequireRegistrations
from shared.usecases.verify import Granted
from shared.usecases.view_registration import ViewRegistration
from shared.validation.identifier import canonical_identifier
from tests.builders import WHY, World, a_world
from tests.fakes.clock import MONDAY_MORNING

BOB = "bob@mail.example"


async def three_people() -> tuple[World, str]:
    """Return Ada and Bob with methods of last year and of this one, Noor without any, and a session of Avery."""
    world = a_world(gates=1)
    await world.ada(language="en")
    await world.account("bob", email=BOB, language="en")
    await world.account("noor")
    await world.account("avery", email="avery@mail.example", roles=frozenset({Role.ADMINISTRATOR}))
    row = world.row()
    email, phone = row.methods
    world.people.put(replace(row, methods=(email, replace(phone, set_at=phone.set_at - timedelta(days=365)))))
    return world, await world.sign_in("avery")


def to_renew(world: World) -> set[tuple[str, str]]:
    return {(name, m.name) for name in ("ada", "bob", "avery") for m in world.row(name).methods if m.must_renew}


@pytest.mark.parametrize(
    ("names", "wanted", "unknown", "renew"),
    [
        pytest.param(["ADA", "ada", "nobody", "noor"], Renewals(), (3,),
                     {("ada", "email"), ("ada", "mobile_phone")}, id="a list"),
        pytest.param(["bob", "ada"], Renewals(method="mobile_phone"), (), {("ada", "mobile_phone")}, id="one method"),
        pytest.param(None, Renewals(before=MONDAY_MORNING - timedelta(days=100)), (), {("ada", "mobile_phone")},
                     id="everybody's of last year"),
        pytest.param(None, Renewals(method="email"), (), {("ada", "email"), ("bob", "email")}, id="everybody's email"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", [1, 3, 200])
async def test_the_named_methods_are_asked_for_and_no_others(
    names: list[str] | None,
    wanted: Renewals,
    unknown: tuple[int, ...],
    renew: set[tuple[str, str]],
    page: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A dry run counts the same and writes nothing; a repeated run asks nobody twice; nobody asks themselves."""
    monkeypatch.setattr(require_registrations, "PAGE", page)
    world, avery = await three_people()
    require = world.service.use(RequireRegistrations)
    for dry_run, people in (
        (True, len({name for name, _ in renew})),
        (False, len({name for name, _ in renew})),
        (False, 0),
    ):
        asked, place = 0, None
        while True:
            if names is not None:
                given = [canonical_identifier(name) for name in names]
                answer = await require.named(avery, given, wanted, WHY, world.trail, dry_run=dry_run)
                assert answer.unknown == unknown
            else:
                answer = await require.everybody(avery, place, wanted, WHY, world.trail, dry_run=dry_run)
            asked, place = asked + answer.asked, answer.next
            if place is None:
                break
        assert asked == people
        assert to_renew(world) == (set() if dry_run else renew)
    with pytest.raises(Refused):
        await require.everybody(avery, avery, wanted, WHY, world.trail, dry_run=True)


async def test_what_is_asked_for_opens_gates_for_some_days_and_is_reminded_of() -> None:
    """The page and a sign-in page ask from the start. After the days only a right answer makes it open gates again."""
    world, avery = await three_people()
    session = await world.sign_in("bob")
    wanted = Renewals(days=14)
    await world.service.use(RequireRegistrations).named(
        avery, [canonical_identifier("bob")], wanted, WHY, world.trail, dry_run=False
    )
    view = await world.service.use(ViewRegistration)(session)  # nobody is signed out
    assert (view.methods[0].state, view.ready) == ("renew", True)
    assert view.methods[0].opens_until == world.row("bob").methods[0].renewal.closes_at
    assert await world.status(session) == "must_reconfirm"
    assert isinstance(await world.pass_gate(await world.start("bob"), "email"), Granted)
    world.adapters.email.messages.clear()
    reminded = []
    for day in range(70):
        await world.service.use(Remind)()
        reminded += [day] * len(world.orders)
        await world.deliver()
        world.clock.move(days=1)
    assert reminded == [11, 14, 21, 28, 35, 42, 49, 56]
    assert all("asked you to confirm" in text for text in world.messages())
    world.clock.move(hours=1)
    session = await world.sign_in("bob")
    assert await world.status(session) == "must_register"
    token = await world.challenge(await world.start("bob"), "email")
    with pytest.raises(AnswerRefused):
        await world.answer(token, "0000-0000")
    await world.register(session, "email", BOB)
    assert await world.status(session) == "fine"
    assert isinstance(await world.pass_gate(await world.start("bob"), "email"), Granted)
