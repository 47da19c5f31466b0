"""Contacts and language of the directory: shown to be confirmed at the first sign-in, and nothing more (M6)."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import SignInRequired
from shared.domain.person import MethodState, Source
from shared.domain.policy import TAKEN_FROM_DIRECTORY
from shared.domain.trail import Tag
from shared.ports.directory import Attributes, Capability, DirectoryLost
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PHONE, World, a_policy, a_world, prefilled

ATHOME, OTHER = "06 39 98 00 01", "+33639980077"
EVERYTHING = Attributes(
    mobile_phone=ATHOME, office_phone="01 55 50 12 34", email=EMAIL, language="tlh, fr-CA;q=0.8, en"
)


async def signed_in(
    known: Attributes = EVERYTHING, wanted: tuple[str, ...] = TAKEN_FROM_DIRECTORY, **row: Any
) -> World:
    """Return a world where Ada, of whom the directory knows this, has signed in."""
    world = a_world(
        prefill_from_directory=wanted,
        methods=("email", "mobile_phone", "office_phone"),
        refused_email_domains=("corp.example",),
    )
    await world.account("ada", **row)
    account = world.directory.accounts[world.row().object_id]
    world.directory.accounts[account[0].object_id] = (
        replace(account[0], mail_domains=frozenset({"same.example"})),
        account[1],
    )
    world.directory.known["ada"] = known
    world.sessions["ada"] = await world.sign_in()
    return world


async def shown(world: World) -> dict[str, tuple[str, str, str]]:
    view = await world.service.use(ViewRegistration)(world.sessions["ada"])
    return {method.method: (method.contact, method.state, method.source) for method in view.methods}


async def test_a_person_finds_what_the_directory_has_and_confirms_it() -> None:
    """Numbers as they are written there, the language too. It proves nothing before, and keeps where it came from."""
    world = await signed_in()
    assert await shown(world) == {
        "email": (EMAIL, "prefilled", "directory"),
        "mobile_phone": (PHONE, "prefilled", "directory"),
        "office_phone": ("+33155501234", "prefilled", "directory"),
    }
    assert world.row().wanted_language == "fr"
    assert [event.cause for event in world.trail.events if event.tag is Tag.PREFILLED] == ["directory"]
    assert world.row().usable(world.policy.methods, world.clock.now()) == ()
    await world.challenge(await world.start())
    assert world.adapters.email.attempts == 0
    await world.register(world.sessions["ada"], "mobile_phone", None)
    assert (await shown(world))["mobile_phone"] == (PHONE, "confirmed", "directory")
    asked = world.directory.calls.count("attributes")
    world.directory.known["ada"] = Attributes(mobile_phone=OTHER, email="another@mail.example")
    await world.sign_in()
    assert (await shown(world))["email"][0] == EMAIL
    assert world.directory.calls.count("attributes") == asked == 1


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (Attributes(email="ada@same.example", mobile_phone=ATHOME), "directory email:domain_not_allowed"),
        (Attributes(email="ada@corp.example", mobile_phone=ATHOME), "directory email:domain_not_allowed"),
        (Attributes(mobile_phone="see the list", email=EMAIL), "directory mobile_phone:unknown_characters"),
        (Attributes(mobile_phone="+5511961234567", email=EMAIL), "directory mobile_phone:country_not_allowed"),
        (Attributes(mobile_phone=ATHOME, language="tlh"), "directory"),
    ],
)
async def test_what_cannot_be_used_is_left_out_with_a_word(known: Attributes, told: str) -> None:
    """A mailbox that opens with this password, a number that is none. The rest is taken; no value is in the event."""
    world = await signed_in(known)
    assert len(await shown(world)) == 1
    assert [event.cause for event in world.trail.events if event.tag is Tag.PREFILLED] == [told]


async def test_what_changes_there_changes_here_until_something_is_confirmed() -> None:
    """At the next sign-in. An administrator's contact is not replaced, and without a change nothing is written."""
    world = await signed_in(Attributes(mobile_phone=ATHOME, email=EMAIL))
    world.people.put(
        replace(world.row(), methods=(world.row().methods[0], prefilled("mobile_phone", OTHER, world.key_of("ada"))))
    )
    world.directory.known["ada"] = Attributes(mobile_phone=ATHOME)
    await world.sign_in()
    assert await shown(world) == {"mobile_phone": (OTHER, "prefilled", "administrator")}
    before, events = world.row(), len([event for event in world.trail.events if event.tag is Tag.PREFILLED])
    await world.sign_in()
    assert world.row() == before
    assert len([event for event in world.trail.events if event.tag is Tag.PREFILLED]) == events


@pytest.mark.parametrize(
    "why", ["not wanted", "role", "had a method", "has a method", "cannot tell", "no answer", "wrong"]
)
async def test_nothing_is_taken_where_nothing_should_be(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off by default; not for accounts with a role (R-65); not over what was registered; and a sign-in never fails."""
    assert a_policy().prefill_from_directory == ()
    world = a_world(prefill_from_directory=() if why == "not wanted" else TAKEN_FROM_DIRECTORY)
    await world.account(
        "ada",
        roles=frozenset({"administrator"} if why == "role" else ()),
        email="own@mail.example" if why == "has a method" else "",
        had_method=why == "had a method",
    )
    world.directory.known["ada"] = EVERYTHING
    if why == "cannot tell":
        monkeypatch.setattr(world.directory, "capabilities", frozenset(Capability) - {Capability.ATTRIBUTES})
    if why == "no answer":
        world.directory.reads_fail = DirectoryLost()
    if why == "wrong":
        with pytest.raises(SignInRequired):
            await world.sign_in(password="a wrong one, quite long")
    else:
        assert await world.sign_in()
    assert [one for one in world.row().methods if one.state is MethodState.PREFILLED] == []
    assert all(one.source is Source.SELF for one in world.row().methods)
    assert world.directory.calls.count("attributes") == (why == "no answer")
