"""Rule 26: a passkey proves the account of the token and no other, once, and tells a stranger nothing."""

import json

import pytest

from shared.domain.errors import AnswerRefused, InvalidInput, ProofRequired
from shared.domain.trail import Tag
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.verify import NextGate
from tests.attacks.no_limits import MANY_STARTS
from tests.builders import World, a_world
from tests.passkeys import Device

PASSKEY = "passkey"


async def a_passkey(world: World, device: Device, name: str = "ada", **wish: str) -> Device:
    """Register that device for that person."""
    session = world.sessions.get(name) or await world.sign_in(name)
    world.sessions[name] = session
    begun = await world.begin(session, PASSKEY, **wish)
    assert begun.enrolment is not None
    await world.confirm(session, PASSKEY, device.register(begun.enrolment["options"]))
    return device


async def ada_with(device: Device) -> World:
    world = a_world(**MANY_STARTS, new_method_rest_hours=0, methods=("email", "mobile_phone", PASSKEY))
    await world.ada()
    await a_passkey(world, device)
    world.trail.events.clear()
    return world


async def asked(world: World, name: str = "ada") -> tuple[str, str]:
    """Return a token at gate one, and the request for a passkey."""
    token = await world.ask(await world.start(name), PASSKEY)
    challenge = world.verification(token).challenge
    assert challenge is not None
    return token, challenge.shown["options"]


def tags(world: World) -> list[Tag]:
    return [event.tag for event in world.trail.events]


async def test_the_passkey_of_a_colleague_is_a_counted_try_and_chooses_no_account() -> None:
    """It is valid for this site, and was asked for ada. Bob's row does not change either."""
    world = await ada_with(Device())
    await world.account("bob", email="bob@mail.example")
    bob = await a_passkey(world, Device(identifier=b"of bob"), "bob")
    before = world.row("bob")
    token, options = await asked(world)
    with pytest.raises(AnswerRefused) as refused:
        await world.answer(token, bob.answer(options))
    assert (refused.value.tries_left, world.row().failures[f"reset:1:{PASSKEY}"].count) == (4, 1)
    assert world.row("bob") == before
    token, options = await asked(world, "bob")
    assert isinstance(await world.answer(token, bob.answer(options)), NextGate)


async def test_an_answer_that_was_seen_is_worth_nothing() -> None:
    """With the token that it was for, and in a verification that somebody else begins."""
    world = await ada_with(device := Device())
    token, options = await asked(world)
    seen = device.answer(options)
    assert isinstance(await world.answer(token, seen), NextGate)
    for again in (token, (await asked(world))[0]):
        with pytest.raises(AnswerRefused):
            await world.answer(again, seen)


async def test_the_request_is_the_same_for_people_with_a_passkey_and_for_unknown_names() -> None:
    """But for the challenge itself."""
    world = await ada_with(Device())
    seen = [json.loads((await asked(world, name))[1]) for name in ("ada", "nobody")]
    assert seen[0] | {"challenge": ""} == seen[1] | {"challenge": ""}
    assert [len(one["challenge"]) for one in seen] == [43, 43]


@pytest.mark.parametrize("synced", [False, True], ids=["bound to its device", "synced"])
async def test_a_sign_count_that_falls_is_written_to_the_audit_log(synced: bool) -> None:
    """It refuses the answer only where no honest device could have given it."""
    device = Device(synced=synced, count=7)
    world = await ada_with(device)
    token, options = await asked(world)
    answer = device.answer(options, count=3)
    if synced:
        assert isinstance(await world.answer(token, answer), NextGate)
    else:
        with pytest.raises(AnswerRefused):
            await world.answer(token, answer)
    assert tags(world).count(Tag.METHOD_COPIED) == 1


async def test_a_passkey_leaves_its_events_and_nothing_of_itself_in_them() -> None:
    """Registered, used and removed, each with the method's name."""
    world = await ada_with(device := Device())
    await a_passkey(world, Device(identifier=b"another"), label="at home")
    token, options = await asked(world)
    await world.answer(token, device.answer(options))
    await world.remove(world.sessions["ada"], PASSKEY, credential=world.row().methods[-1].credential)
    for tag in (Tag.METHOD_BEGUN, Tag.METHOD_CONFIRMED, Tag.RESET_GATE_PASSED, Tag.METHOD_REMOVED):
        assert [event.method for event in world.trail.events if event.tag is tag] == [PASSKEY]
    assert not [one for one in ("at home", json.loads(device.answer(options))["id"]) if one in str(world.trail.events)]


async def test_a_stolen_sign_in_adds_no_passkey() -> None:
    """Somebody with the password needs a proof by a method that is registered (rule 20)."""
    world = await ada_with(Device())
    begin = world.service.use(BeginMethod)
    with pytest.raises(ProofRequired) as needed:
        await begin(await world.sign_in(), PASSKEY, Wish(), world.trail)
    assert set(needed.value.methods) == {"email", "mobile_phone", PASSKEY}


async def test_a_sixth_passkey_is_refused_and_one_can_be_replaced_on_its_device() -> None:
    """The others are named to the browser, so that a device is not registered twice."""
    world = await ada_with(Device(identifier=b"0"))
    for number in range(1, 5):
        await a_passkey(world, Device(identifier=str(number).encode()))
    with pytest.raises(InvalidInput) as refused:
        await a_passkey(world, Device(identifier=b"6"))
    assert refused.value.reason == "too_many"
    replaced = next(method.credential for method in world.row().methods if method.name == PASSKEY)
    begun = await world.begin(world.sessions["ada"], PASSKEY, credential=replaced)
    assert len(json.loads((begun.enrolment or {})["options"])["excludeCredentials"]) == 4
