"""Rotation: a new key version locks nobody out and is used at once; a removed one is refused safely (R-103)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.domain.errors import InvalidInput, Refused, SignInRequired
from shared.domain.person import Person
from shared.domain.policy import DEFAULT_METHODS
from shared.domain.trail import ReminderOrder, Tag
from shared.ports.channel import NotSent
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.verify import Granted, NextGate
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, NEW_PASSWORD, PHONE, World, a_world, prefilled
from tests.fakes.keys import a_keyring, some_tokens
from tests.methods import about_authenticator_app

OLD, BOTH, NEW = (1,), (1, 2), (2,)
OTHER = "ada@elsewhere.example"


def rotate(world: World, versions: tuple[int, ...]) -> None:
    """Set the versions of all keys that rotate. The index key never does."""
    world.adapters.keyring = a_keyring(code_versions=versions, seal_versions=versions)
    world.adapters.tokens = some_tokens(versions)
    world.forget_what_was_built()


async def with_ada(**row: object) -> World:
    world = a_world()
    await world.ada(**row)
    return world


def seals(row: Person) -> set[str]:
    """Return the key versions under which contacts and secrets are sealed."""
    return {entry.sealed.text.partition(".")[0] for entry in (*row.methods, *row.pending, *row.removed)}


async def with_ada_and_her_app() -> tuple[World, dict[str, str]]:
    """Return a world where Ada has an address and an app, and what the app was shown."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    begun = await world.begin(session, "authenticator_app", label="her phone")
    assert begun.enrolment is not None
    await world.confirm(session, "authenticator_app", app_code(world, begun.enrolment))
    world.clock.move(minutes=1)
    return world, dict(begun.enrolment)


def app_code(world: World, shown: Mapping[str, str]) -> str:
    return about_authenticator_app.answer(shown, {}, world.clock.now())


async def answer_by_app(world: World, token: str, shown: Mapping[str, str]) -> NextGate | Granted:
    return await world.answer(await world.ask(token, "authenticator_app"), app_code(world, shown))


class TestAdded:
    """Version 2 is added to version 1."""

    @pytest.mark.parametrize("after", ["start", "challenge", "first gate", "last gate"])
    async def test_a_reset_under_way_continues_after_a_key_was_added(self, after: str) -> None:
        """From any step: with a token, a sent code, a claim on the row, or a grant."""
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
        assert await world.sign_in("ada", NEW_PASSWORD)

    async def test_a_registration_and_a_session_continue_after_a_key_was_added(self) -> None:
        """The session, the pending contact and its code were made with the old keys."""
        world = await with_ada()
        session = await world.sign_in()
        await world.begin(session, "email", OTHER)
        rotate(world, BOTH)
        await world.deliver()
        view = await world.confirm(session, "email")
        assert {method.method: method.contact for method in view.methods} == {"email": OTHER, "mobile_phone": PHONE}

    async def test_tokens_codes_and_contacts_use_the_newest_key(self) -> None:
        """From the first request on."""
        world = await with_ada()
        rotate(world, BOTH)
        token = await world.challenge(await world.start())
        assert token.startswith("2.")
        assert [sent.code_key for sent in world.row().sent_codes] == [2]
        session = await world.sign_in()
        assert session.startswith("2.")
        await world.begin(session, "email", OTHER)
        assert world.row().pending[0].sealed.text.startswith("2.")
        await world.begin(session, "authenticator_app")
        assert world.row().pending[1].sealed.text.startswith("2.")

    @pytest.mark.parametrize("touched", ["reset", "notice", "reminder", "reconfirmation"])
    async def test_every_write_seals_the_whole_row_under_the_newest_key(self, touched: str) -> None:
        """Removed and pending contacts and those of notices that are still owed too. Then version 1 can be removed."""
        world = a_world(reconfirm_days=1)
        await world.ada()
        await world.register(session := await world.sign_in(), "email", OTHER)
        await world.begin(session, "mobile_phone", "+33639980002")
        world.orders.clear()
        assert seals(world.row()) == {"1"}
        rotate(world, BOTH)
        match touched:
            case "reset":
                await world.challenge(await world.start())
            case "notice":
                world.adapters.email.faults = [NotSent("busy", permanent=False)] * 2
                await world.tell()
            case "reminder":
                world.clock.move(days=1)
                await world.deliver(ReminderOrder(account=world.key_of("ada"), day=world.row().reminder_day))
            case "reconfirmation":
                await world.service.use(Reconfirm)(await world.sign_in(), world.trail)
        assert seals(world.row()) == {"2"}
        rotate(world, NEW)
        assert await world.status(await world.sign_in()) != "must_register"
        world.adapters.email.messages.clear()
        world.clock.move(minutes=10)
        await world.tell()
        assert {message.to for message in world.adapters.email.messages} == {EMAIL, OTHER}
        await world.prove()

    @pytest.mark.parametrize("label", ["name", "destination", "client"])
    def test_rows_are_found_after_keys_were_added(self, label: str) -> None:
        """Names, accounts and destinations depend on the index key only."""
        old, new = a_keyring(), a_keyring(code_versions=BOTH, seal_versions=BOTH)
        assert old.digest(label, EMAIL) == new.digest(label, EMAIL)

    async def test_an_app_sealed_under_an_old_key_is_still_judged(self) -> None:
        """Its answer seals it under the newest key, with the step that was used."""
        world, shown = await with_ada_and_her_app()
        rotate(world, BOTH)
        assert seals(world.row()) == {"1"}
        assert isinstance(await answer_by_app(world, await world.start(), shown), NextGate)
        assert seals(world.row()) == {"2"}

    async def test_reconfirming_seals_an_app_under_the_newest_key(self) -> None:
        """It still works after the old key was removed, and the used step stays used."""
        world, shown = await with_ada_and_her_app()
        rotate(world, BOTH)
        await world.service.use(Reconfirm)(await world.sign_in(), world.trail)
        assert seals(world.row()) == {"2"}
        rotate(world, NEW)
        assert await world.status(await world.sign_in()) == "fine"
        assert isinstance(await answer_by_app(world, await world.start(), shown), NextGate)
        with pytest.raises(Refused):
            await answer_by_app(world, await world.start(), shown)

    async def test_an_enrolment_is_confirmed_after_a_key_was_added(self) -> None:
        """The pending secret was sealed with the old key."""
        world = a_world()
        await world.account("ada", email=EMAIL)
        session = await world.sign_in()
        begun = await world.begin(session, "authenticator_app")
        assert begun.enrolment is not None
        rotate(world, BOTH)
        await world.confirm(session, "authenticator_app", app_code(world, begun.enrolment))
        assert seals(world.row()) == {"2"}


class TestRemovedKey:
    """Version 1 was removed while something still needed it."""

    async def test_tokens_of_a_removed_key_are_refused_like_expired_ones(self) -> None:
        """The person signs in again or starts again."""
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

    async def test_a_code_of_a_removed_key_is_refused_like_a_wrong_one(self) -> None:
        """The try is counted, and the next verification works."""
        world = await with_ada()
        token = await world.challenge(await world.start())
        world.adapters.keyring = a_keyring(code_versions=NEW)
        world.forget_what_was_built()
        with pytest.raises(Refused):
            await world.answer(token, world.code())
        world.clock.move(minutes=1)
        await world.prove()

    async def test_a_code_ordered_under_a_removed_key_is_dropped(self) -> None:
        """The order is not repeated, because the key stays removed."""
        world = await with_ada()
        await world.ask(await world.start())
        rotate(world, NEW)
        await world.deliver()
        assert world.messages() == []
        assert world.causes()[-1] == "unreadable"

    async def test_a_method_of_a_removed_key_is_shown_as_suspect_and_missing(self) -> None:
        """It is shown without its contact, and can be replaced or removed."""
        world = await with_ada()
        rotate(world, NEW)
        session = await world.sign_in()
        assert await world.status(session) == "must_register"
        view = await world.service.use(ViewRegistration)(session)
        assert [(method.contact, method.state) for method in view.methods] == [("", "suspect")] * 2
        assert view.missing == DEFAULT_METHODS
        with pytest.raises(InvalidInput):
            await world.begin(session, "email", None)
        await world.register(session, "email", EMAIL)
        view = await world.remove(session, "mobile_phone")
        assert [(method.contact, method.state) for method in view.methods] == [(EMAIL, "confirmed")]

    async def test_a_pending_contact_of_a_removed_key_is_not_shown(self) -> None:
        """The person can type it again, and gets a code after the old one has expired."""
        world = a_world()
        await world.account("ada")
        await world.begin(await world.sign_in(), "email", EMAIL)
        world.orders.clear()
        rotate(world, NEW)
        session = await world.sign_in()
        assert (await world.service.use(ViewRegistration)(session)).methods == ()
        world.clock.move(minutes=16)
        await world.register(await world.sign_in(), "email", EMAIL)

    async def test_a_prefilled_contact_of_a_removed_key_is_not_shown_and_can_be_added(self) -> None:
        """The page offers to add the contact."""
        world = a_world()
        key = await world.account("ada")
        world.people.put(replace(world.row(), methods=(prefilled("email", EMAIL, key),)))
        rotate(world, NEW)
        view = await world.service.use(ViewRegistration)(await world.sign_in())
        assert view.methods == ()
        assert view.addable == DEFAULT_METHODS

    async def test_an_app_of_a_removed_key_proves_nothing_and_is_shown_as_suspect(self) -> None:
        """It has its label, so that its owner sees which app to replace. Its code is refused like a wrong one."""
        world, shown = await with_ada_and_her_app()
        rotate(world, NEW)
        session = await world.sign_in()
        view = await world.service.use(ViewRegistration)(session)
        app = view.methods[1]
        assert (app.method, app.label, app.state, app.contact) == ("authenticator_app", "her phone", "suspect", "")
        assert "authenticator_app" in view.missing
        assert await world.status(session) == "must_register"
        with pytest.raises(Refused):
            await answer_by_app(world, await world.start(), shown)
        assert world.row().attempts[-1].tries == 1

    async def test_an_app_of_a_removed_key_can_be_replaced_or_removed(self) -> None:
        """By its credential. The new app then works."""
        world, _ = await with_ada_and_her_app()
        rotate(world, NEW)
        session = await world.sign_in()
        lost = world.row().methods[1].credential
        begun = await world.begin(session, "authenticator_app", credential=lost)
        assert begun.enrolment is not None
        view = await world.confirm(session, "authenticator_app", app_code(world, begun.enrolment))
        apps = [method for method in view.methods if method.method == "authenticator_app"]
        assert [(app.state, app.credential != lost) for app in apps] == [("confirmed", True)]
        world, _ = await with_ada_and_her_app()
        rotate(world, NEW)
        session, lost = await world.sign_in(), world.row().methods[1].credential
        view = await world.service.use(RemoveMethod)(session, "authenticator_app", world.trail, credential=lost)
        assert [method.method for method in view.methods] == ["email"]

    async def test_the_second_gate_offers_no_app_of_a_removed_key(self) -> None:
        """It could not prove anything."""
        world, _ = await with_ada_and_her_app()
        rotate(world, NEW)
        await world.register(await world.sign_in(), "email", EMAIL)
        token = await world.challenge(await world.start(), "email")
        behind = await world.answer(token, world.code())
        assert isinstance(behind, NextGate)
        assert behind.methods == ()

    async def test_the_second_gate_offers_no_contact_of_a_removed_key(self) -> None:
        """One contact is under the new key, one is not: the reset stops after the first gate without an error."""
        world = await with_ada()
        rotate(world, NEW)
        await world.register(await world.sign_in(), "email", EMAIL)
        token = await world.challenge(await world.start(), "email")
        behind = await world.answer(token, world.code())
        assert isinstance(behind, NextGate)
        assert (behind.methods, behind.hints) == ((), {})

    async def test_notices_and_reminders_to_a_contact_of_a_removed_key_are_given_up(self) -> None:
        """They are removed from the row after a day, with events in the audit log."""
        world = await with_ada(reminder_day="20260302")
        await world.register(await world.sign_in(), "email", OTHER)
        rotate(world, NEW)
        world.trail.events.clear()
        await world.tell()
        assert len(world.row().notices) == 1
        world.clock.move(days=1, minutes=2)
        await world.tell()
        assert world.row().notices == ()
        assert world.trail.events[-1].tag is Tag.NOTICE_GIVEN_UP
        assert {event.cause for event in world.trail.events if event.tag is Tag.NOTICE_DELIVERED} == {"unreadable"}
        world.clock.move(days=200)
        day = world.row().reminder_day
        await world.deliver(ReminderOrder(account=world.key_of("ada"), day=day))
        assert world.causes()[-1] == "refused unreadable"
        assert world.row().reminder_day != day
