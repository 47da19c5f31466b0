"""Rule 20 where an administrator overwrites what a person confirmed: the old keeps its power, and hears of it."""

from dataclasses import replace

import pytest

from shared.domain.errors import ProofRequired, Refused, SignInRequired
from shared.domain.person import MethodState, Renewal
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, PASSWORD, PERMISSION, PHONE, World, a_world

OTHER, OTHER_PHONE = "other@mail.example", "+33639980077"


async def overwritten(**cells: str) -> World:
    """Return a world where an administrator's file has other contacts for Ada than those that she confirmed."""
    world = a_world()
    await world.ada()
    await world.account("avery", roles=frozenset({"administrator"}))
    world.sessions["ada"] = await world.sign_in()
    world.sessions["reset"] = await world.prove("ada", "email")
    session = await world.sign_in("avery")
    [kept] = await world.prefill(session, {"identifier": "ada", **cells})
    assert (kept.verdict, kept.code) == ("refused", "confirmed_by_person")
    [taken] = await world.prefill(session, {"identifier": "ada", **cells}, replace_confirmed=True)
    assert (taken.verdict, taken.code) == ("prefilled", None)
    [again] = await world.prefill(session, {"identifier": "ada", **cells}, replace_confirmed=True)
    assert again.verdict == "unchanged"
    return world


async def test_every_old_address_hears_of_an_overwriting_and_no_new_one_does() -> None:
    """The new one may be anybody's: it was never confirmed."""
    world = await overwritten(email=OTHER, mobile_phone=OTHER_PHONE)
    sent = len(world.messages()), len(world.messages("mobile_phone"))
    await world.tell()
    assert (len(world.messages()), len(world.messages("mobile_phone"))) == (sent[0] + 1, sent[1] + 1)
    assert "An administrator entered another contact" in world.messages()[-1]
    told = {message.to for channel in world.adapters.channels.values() for message in channel.messages}
    assert told == {EMAIL, PHONE}


async def test_a_running_reset_and_every_session_end_with_an_overwriting() -> None:
    """Whoever had proved a gate with the old contact does not go on, and the old one opens no other reset."""
    world = await overwritten(email=OTHER)
    with pytest.raises(Refused):
        await world.pass_gate(world.sessions["reset"], "mobile_phone")
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(world.sessions["ada"])
    token, sent = await world.start(), len(world.codes())
    await world.challenge(token, "email")
    assert len(world.codes()) == sent


@pytest.mark.parametrize("contact", [None, "thief@mail.example"])
async def test_who_knows_the_password_cannot_confirm_what_overwrote_without_a_proof(contact: str | None) -> None:
    """Neither the administrator's contact nor one of their own: a proof by the old one is needed."""
    world = await overwritten(email=OTHER, mobile_phone=OTHER_PHONE)
    session = await world.sign_in("ada", PASSWORD)
    with pytest.raises(ProofRequired) as needed:
        await world.service.use(BeginMethod)(session, "email", Wish(contact=contact), world.trail)
    assert set(needed.value.methods) == {"email", "mobile_phone"}


async def test_the_owner_confirms_what_overwrote_with_a_proof_by_the_old_contact() -> None:
    """Then it takes the place of the old one, which still gets notices, and says on whose word it came."""
    world = await overwritten(email=OTHER)
    session = await world.sign_in()
    view = next(m for m in (await world.service.use(ViewRegistration)(session)).methods if m.method == "email")
    assert (view.state, view.contact, view.offered_contact) == ("renew", EMAIL, OTHER)
    assert (view.permission, view.attested_by) == (PERMISSION.basis, PERMISSION.attested_by)
    await world.register(session, "email", None)
    method = world.row().method("email")
    assert method is not None
    assert (method.state, method.offer, method.renewal) == (MethodState.CONFIRMED, None, None)
    assert method.provenance is not None
    assert method.provenance.basis == PERMISSION.basis
    assert [world.adapters.keyring.digest("destination", EMAIL)] == [gone.destination for gone in world.row().removed]


async def test_what_was_begun_before_an_overwriting_confirms_nothing_after_it() -> None:
    """Rule 13: what an administrator replaced meanwhile is gone."""
    world = a_world()
    await world.ada()
    await world.account("avery", roles=frozenset({"administrator"}))
    session = await world.sign_in()
    await world.begin(session, "email", "mine@mail.example")
    await world.deliver()
    cells = {"identifier": "ada", "email": OTHER}
    await world.prefill(await world.sign_in("avery"), cells, replace_confirmed=True)
    with pytest.raises(Refused):
        await world.confirm(await world.sign_in(), "email")


async def test_what_is_compromised_is_not_overwritten() -> None:
    """An activation takes its place, and nothing that one administrator can bring in."""
    world = a_world()
    await world.ada()
    await world.account("avery", roles=frozenset({"administrator"}))
    row = world.row()
    compromised = Renewal(at=world.clock.now(), compromised=True)
    world.people.put(replace(row, methods=tuple(replace(one, renewal=compromised) for one in row.methods)))
    cells = {"identifier": "ada", "email": OTHER}
    [verdict] = await world.prefill(await world.sign_in("avery"), cells, replace_confirmed=True)
    assert (verdict.verdict, verdict.code) == ("refused", "confirmed_by_person")
