"""Rotation: a version added locks nobody out, new things use it, and a version taken away fails safely (R-103)."""

import pytest

from shared.domain.audit import Tag
from shared.domain.errors import InvalidInput, Refused, SignInRequired
from shared.domain.message import NoticeOrder, ReminderOrder
from shared.domain.person import Person
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.verify import NextGate
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_world
from tests.fakes.keys import a_keyring, some_tokens

OLD, BOTH, NEW = (1,), (1, 2), (2,)
OTHER = "ada@elsewhere.example"


def rotate(world: World, versions: tuple[int, ...]) -> None:
    """Every key that rotates, at once; the index key never does."""
    world.adapters.keyring = a_keyring(code_versions=versions, seal_versions=versions)
    world.adapters.tokens = some_tokens(versions)
    world.forget_what_was_built()


async def with_ada(**row: object) -> World:
    world = a_world()
    await world.ada(**row)
    return world


def seals(row: Person) -> set[str]:
    """The versions that contacts stand under."""
    return {entry.sealed.partition(".")[0] for entry in (*row.methods, *row.pending)}


class TestAdded:
    """Version 2 stands beside version 1."""

    @pytest.mark.parametrize("after", ["start", "challenge", "first gate", "last gate"])
    async def test_a_reset_under_way_goes_on(self, after: str) -> None:
        """Whatever it had in hand: a token, a code in the mail, a claim on the row, a grant."""
        world = await with_ada()
        token = await world.start()
        if after == "start":
            rotate(world, BOTH)
        token = await world.challenge(token, "email")
        if after == "challenge":
            rotate(world, BOTH)
        behind = await world.answer(token, world.code())
        assert isinstance(behind, NextGate)
        if after == "first gate":
            rotate(world, BOTH)
        token = await world.challenge(behind.verification_token, "mobile_phone")
        granted = await world.answer(token, world.code("mobile_phone"))
        if after == "last gate":
            rotate(world, BOTH)
        await world.complete(granted.reset_token)  # type: ignore[union-attr]
        assert await world.sign_in("ada", "velvet harbour mosaic tundra")

    async def test_a_registration_and_a_session_under_way_go_on(self) -> None:
        """The session, the pending contact and its code were made with the old keys."""
        world = await with_ada()
        session = await world.sign_in()
        await world.begin(session, "email", OTHER)
        rotate(world, BOTH)
        await world.deliver()
        view = await world.confirm(session, "email")
        assert {method.method: method.contact for method in view.methods} == {"email": OTHER, "mobile_phone": PHONE}

    async def test_new_things_use_the_new_version(self) -> None:
        """Tokens, codes and contacts, from the first request on."""
        world = await with_ada()
        rotate(world, BOTH)
        token = await world.challenge(await world.start())
        assert token.startswith("2.")
        assert [claim.code_key for claim in world.row().claims] == [2]
        session = await world.sign_in()
        assert session.startswith("2.")
        await world.begin(session, "email", OTHER)
        assert world.row().pending[0].sealed.startswith("2.")

    async def test_people_who_come_back_leave_the_old_version_behind(self) -> None:
        """Reconfirming seals every contact anew, confirming seals the one: that is how version 1 becomes free to go."""
        world = await with_ada()
        rotate(world, BOTH)
        await world.register(await world.sign_in(), "email", None)
        assert seals(world.row()) == {"1", "2"}
        await world.service.use(Reconfirm)(await world.sign_in(), world.trail)
        assert seals(world.row()) == {"2"}
        rotate(world, NEW)
        assert await world.service.use(ViewRegistration).status(await world.sign_in()) == "fine"
        await world.prove()

    async def test_rows_are_found_as_before(self) -> None:
        """Names, accounts and destinations hang on the index key alone."""
        old, new = a_keyring(), a_keyring(code_versions=BOTH, seal_versions=BOTH)
        for label in ("name", "destination", "client"):
            assert old.digest(label, EMAIL) == new.digest(label, EMAIL)


class TestTakenAway:
    """Version 1 is gone, and something still hung on it."""

    async def test_tokens_of_before_read_like_expired_ones(self) -> None:
        """Sign in again, start again: nothing else."""
        world = await with_ada()
        session, token = await world.sign_in(), await world.challenge(await world.start())
        grant = await world.prove()
        rotate(world, NEW)
        with pytest.raises(SignInRequired):
            await world.service.use(ViewRegistration)(session)
        with pytest.raises(Refused):
            await world.answer(token, world.code())
        with pytest.raises(Refused):
            await world.complete(grant)

    async def test_a_code_of_before_reads_like_a_wrong_one(self) -> None:
        """Its key alone is gone: the try is counted, and the next verification works."""
        world = await with_ada()
        token = await world.challenge(await world.start())
        world.adapters.keyring = a_keyring(code_versions=NEW)
        world.forget_what_was_built()
        with pytest.raises(Refused):
            await world.answer(token, world.code())
        world.clock.move(minutes=1)
        await world.prove()

    async def test_a_code_ordered_before_is_dropped(self) -> None:
        """Not retried until it is poison: the key does not come back."""
        world = await with_ada()
        await world.ask(await world.start())
        rotate(world, NEW)
        await world.deliver()
        assert world.letters() == []
        assert world.causes()[-1] == "unreadable"

    async def test_who_cannot_be_read_is_asked_to_register_again(self) -> None:
        """The method is shown as suspect without a contact, counted as missing, and can be replaced or removed."""
        world = await with_ada()
        rotate(world, NEW)
        session = await world.sign_in()
        assert await world.service.use(ViewRegistration).status(session) == "must_register"
        view = await world.service.use(ViewRegistration)(session)
        assert [(method.contact, method.state) for method in view.methods] == [("", "suspect")] * 2
        assert view.missing == ("email", "mobile_phone")
        with pytest.raises(InvalidInput):
            await world.begin(session, "email", None)
        await world.register(session, "email", EMAIL)
        view = await world.service.use(RemoveMethod)(session, "mobile_phone", world.trail)
        assert [(method.contact, method.state) for method in view.methods] == [(EMAIL, "confirmed")]

    async def test_what_is_unconfirmed_and_unreadable_is_as_good_as_not_there(self) -> None:
        """A pending contact of before is entered again, and gets a code once the old one's time is over."""
        world = a_world()
        await world.account("ada")
        await world.begin(await world.sign_in(), "email", EMAIL)
        world.trail.orders.clear()
        rotate(world, NEW)
        session = await world.sign_in()
        assert (await world.service.use(ViewRegistration)(session)).methods == ()
        world.clock.move(minutes=16)
        await world.register(await world.sign_in(), "email", EMAIL)

    async def test_the_second_gate_offers_what_can_be_sent_to(self) -> None:
        """One contact renewed, one not: a reset comes no further than the first, and nothing breaks."""
        world = await with_ada()
        rotate(world, NEW)
        await world.register(await world.sign_in(), "email", EMAIL)
        token = await world.challenge(await world.start(), "email")
        behind = await world.answer(token, world.code())
        assert isinstance(behind, NextGate)
        assert behind.hints == {}

    async def test_notices_and_reminders_do_not_go_round_in_circles(self) -> None:
        """What cannot be sent is struck off, with a line in the audit log."""
        world = await with_ada(reminder_day="20260302")
        await world.register(await world.sign_in(), "email", OTHER)
        rotate(world, NEW)
        world.trail.events.clear()
        await world.deliver(NoticeOrder(account=world.key_of("ada")))
        assert world.row().notices == ()
        assert {event.cause for event in world.trail.events if event.tag is Tag.NOTICE_DELIVERED} == {"unreadable"}
        world.clock.move(days=200)
        day = world.row().reminder_day
        await world.deliver(ReminderOrder(account=world.key_of("ada"), day=day))
        assert world.causes()[-1] == "refused unreadable"
        assert world.row().reminder_day != day
