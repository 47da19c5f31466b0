"""The own registration: the state of each method, what can be added, and no secret."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.domain.errors import InvalidInput
from shared.domain.policy import DEFAULT_METHODS
from shared.usecases._own_registration import MethodView, RegistrationView
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_method, a_world, at, prefilled
from tests.methods import about_authenticator_app

APP = "authenticator_app"


async def view_of(world: World, session: str) -> RegistrationView:
    return await world.service.use(ViewRegistration)(session)


def shown(view: RegistrationView) -> list[tuple[str, str, str]]:
    return [(method.method, method.contact, method.state) for method in view.methods]


def apps_of(view: RegistrationView) -> list[MethodView]:
    return [method for method in view.methods if method.method == APP]


async def begin_app(world: World, session: str, **wish: str) -> Mapping[str, str]:
    """Return what the page shows once."""
    begun = await world.begin(session, APP, **wish)
    assert begun.enrolment is not None
    return begun.enrolment


async def add_app(world: World, session: str, **wish: str) -> RegistrationView:
    enrolment = await begin_app(world, session, **wish)
    return await world.confirm(session, APP, about_authenticator_app.answer(enrolment, {}, world.clock.now()))


async def with_apps(*labels: str) -> tuple[World, str, RegistrationView]:
    """Return a world where Ada has a confirmed address and an app with each label."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    view = await view_of(world, session)
    for label in labels:
        view = await add_app(world, session, label=label)
    return world, session, view


class TestContacts:
    """Methods whose code is sent."""

    async def test_a_registration_shows_each_contact_with_its_state(self) -> None:
        """In the order of the methods, complete. A pending contact replaces a prefilled one."""
        world = a_world()
        key = await world.account("ada", email=EMAIL)
        row = world.row()
        waiting = (prefilled("mobile_phone", PHONE, key), prefilled("office_phone", "+33155501234", key))
        world.people.put(replace(row, methods=(*waiting, *row.methods)))
        session = await world.sign_in()
        view = await view_of(world, session)
        assert shown(view) == [
            ("email", EMAIL, "confirmed"),
            ("mobile_phone", PHONE, "prefilled"),
            ("office_phone", "+33155501234", "prefilled"),
        ]
        assert (view.missing, view.offered, view.roles) == (("mobile_phone", APP), DEFAULT_METHODS, ())
        await world.begin(session, "mobile_phone", "+33639980055")
        await world.begin(session, "email", "new@mail.example")
        assert shown(await view_of(world, session))[:2] == [
            ("email", EMAIL, "confirmed"),
            ("mobile_phone", "+33639980055", "pending"),
        ]
        world.clock.move(minutes=15)
        view = await view_of(world, session)
        assert [method.state for method in view.methods] == ["confirmed", "prefilled", "prefilled"]

    async def test_a_registration_shows_until_when_a_method_rests(self) -> None:
        """Only while it rests."""
        world = a_world()
        key = await world.account("ada")
        world.people.put(replace(world.row(), methods=(a_method("email", EMAIL, key, usable_from=at(hours=1)),)))
        assert (await view_of(world, await world.sign_in())).methods[0].usable_from == at(hours=1)
        world.clock.move(hours=1)
        assert (await view_of(world, await world.sign_in())).methods[0].usable_from is None

    async def test_a_registration_says_whether_a_reset_is_possible_now_and_what_it_needs(self) -> None:
        """A resting method makes it possible later; of two methods both are needed, and with a third only one is."""
        world = a_world()
        key = await world.account("ada", email=EMAIL)
        view = await view_of(world, await world.sign_in())
        assert (view.ready, view.ready_from, view.methods[0].needed) == (False, None, False)
        resting = a_method("mobile_phone", PHONE, key, usable_from=at(hours=1))
        world.people.put(replace(world.row(), methods=(*world.row().methods, resting)))
        view = await view_of(world, await world.sign_in())
        assert (view.ready, view.ready_from, view.missing) == (False, at(hours=1), ())
        assert [method.needed for method in view.methods] == [True, True]
        world.clock.move(hours=1)
        session = await world.sign_in()
        assert (await view_of(world, session)).ready
        view = await add_app(world, session)
        assert [method.needed for method in view.methods] == [False, False, False]
        world.people.put(replace(world.row(), frozen_at=at()))
        assert not (await view_of(world, await world.sign_in())).ready

    async def test_a_change_of_a_confirmed_contact_is_shown_until_its_code_expires(self) -> None:
        """The old one stays in use until then."""
        world = a_world()
        await world.ada()
        session = await world.sign_in()
        await world.begin(session, "email", "new@mail.example")
        waiting = [(m.contact, m.pending_contact) for m in (await view_of(world, session)).methods]
        assert waiting == [(EMAIL, "new@mail.example"), (PHONE, None)]
        world.clock.move(minutes=15)
        assert (await view_of(world, session)).methods[0].pending_contact is None

    async def test_a_registered_contact_cannot_be_added_again(self) -> None:
        """It can be changed. A method that is not registered can be added."""
        world = a_world()
        await world.account("ada", email=EMAIL)
        assert (await view_of(world, await world.sign_in())).addable == ("mobile_phone", APP)

    @pytest.mark.parametrize("methods", [("email", APP), ("email",)], ids=["two methods", "one method"])
    async def test_only_methods_that_the_policy_offers_can_be_added_or_missing(self, methods: tuple[str, ...]) -> None:
        """Not the other methods of this build."""
        world = a_world(methods=methods, gates=len(methods))
        await world.account("ada")
        view = await view_of(world, await world.sign_in())
        assert view.addable == view.missing == view.offered == methods


class TestApps:
    """A method with several secrets."""

    async def test_a_registration_shows_several_apps_with_their_labels(self) -> None:
        """Each has its own id, by which it is replaced or removed. Its secret is not shown."""
        _, _, view = await with_apps("phone", "tablet")
        apps = apps_of(view)
        assert [(app.label, app.contact, app.state) for app in apps] == [
            ("phone", "", "confirmed"),
            ("tablet", "", "confirmed"),
        ]
        assert len({app.credential for app in apps}) == 2
        assert all(app.credential for app in apps)
        assert view.methods[0].credential == "", "a contact needs none"
        assert view.missing == ()

    @pytest.mark.parametrize(
        ("labels", "addable"),
        [
            pytest.param((), True, id="none"),
            pytest.param(("a",), True, id="one"),
            pytest.param(("a", "b"), True, id="two"),
            pytest.param(("a", "b", "c"), False, id="three"),
        ],
    )
    async def test_apps_can_be_added_up_to_three(self, labels: tuple[str, ...], addable: bool) -> None:
        """Then the page offers no further one, and a request for it is refused (rule 14)."""
        world, session, view = await with_apps(*labels)
        assert (APP in view.addable) is addable
        if not addable:
            with pytest.raises(InvalidInput) as refused:
                await begin_app(world, session)
            assert (refused.value.field, refused.value.reason) == ("method", "too_many")

    async def test_an_app_that_is_not_confirmed_is_not_shown(self) -> None:
        """Its secret was shown once. Beginning again makes a new one."""
        world, session, before = await with_apps("phone")
        first = await begin_app(world, session, label="tablet")
        assert (await view_of(world, session)).methods == before.methods
        assert (await view_of(world, session)).addable == before.addable
        second = await begin_app(world, session, label="tablet")
        assert first["secret"] != second["secret"]

    async def test_the_secret_of_an_app_is_neither_shown_nor_stored_in_plain_text(self) -> None:
        """Not in the view, not on the row and not in the queues."""
        world, session, _ = await with_apps()
        secret = (await begin_app(world, session))["secret"]
        assert secret not in repr((await view_of(world, session), world.row(), world.trail))
        view = await add_app(world, session)
        assert secret not in repr((view, world.row(), world.trail))


@pytest.mark.parametrize(
    ("roles", "status", "enough"), [((), "fine", True), (("administrator",), "must_register", False)]
)
async def test_an_account_with_a_role_needs_two_methods_where_one_is_the_rule(
    roles: tuple[str, ...], status: str, enough: bool
) -> None:
    """The page asks for what the reset will need, so that an administrator learns it before the password is lost."""
    world = a_world(gates=1)
    await world.account("ada", roles=frozenset(roles), email=EMAIL)
    session = await world.sign_in()
    assert await world.status(session) == status
    assert (not (await view_of(world, session)).missing) == enough
