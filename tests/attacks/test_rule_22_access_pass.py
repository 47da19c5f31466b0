"""Rules 11, 22, 23 and 30: a Temporary Access Pass takes a stronger proof than a password, and is seen once."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.access_pass import lacks_for_access_pass
from shared.domain.account import ManagedBy
from shared.domain.errors import (
    InvalidInput,
    ManagedByAdministrators,
    ManagedElsewhere,
    OutcomeUnknown,
    ProofNotEnough,
    Refused,
    SignInRequired,
    TryAgain,
)
from shared.domain.gates import Lack, Proof
from shared.domain.person import EvidenceClass
from shared.domain.repeated_completion import Ending
from shared.domain.roles import Role
from shared.domain.trail import Tag
from shared.methods import evidence_by_name
from shared.ports.directory import Capability, DirectoryLost, DirectoryUnknown
from shared.usecases.deliver_notice import MAYBE
from shared.usecases.verify import Granted
from shared.usecases.view_registration import ViewRegistration
from tests.attacks.no_limits import MANY_STARTS
from tests.attacks.test_rule_26_passkeys import PASSKEY, a_passkey
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_policy, a_world
from tests.passkeys import Device

ALL_METHODS = ("email", "mobile_phone", "authenticator_app", PASSKEY, "recovery_code", "security_questions")
ONE, TWO = {"gates": 1}, {"gates": 2}
EVIDENCE = evidence_by_name()
PASS = Ending.ACCESS_PASS


@pytest.mark.parametrize(
    ("by", "methods", "enough"),
    [
        ("phishing_resistant", (PASSKEY,), True),
        ("phishing_resistant", ("email", "mobile_phone"), False),
        ("phishing_resistant", ("authenticator_app", "email"), False),
        ("phishing_resistant", ("recovery_code", "email"), False),
        ("app_or_code", (PASSKEY,), False),  # two of them, there
        ("app_or_code", (PASSKEY, "email"), True),
        ("app_or_code", ("authenticator_app", "email"), True),
        ("app_or_code", ("recovery_code", "mobile_phone"), True),
        ("app_or_code", ("email", "mobile_phone"), False),
        ("app_or_code", ("authenticator_app",), False),
        ("app_or_code", ("authenticator_app", "security_questions"), False),
        ("app_or_code", ("email", "security_questions"), False),
    ],
)
def test_the_grade_of_the_proof_decides(by: str, methods: tuple[str, ...], enough: bool) -> None:
    """Two sent codes never do, and answers to questions are not even the other one. Whoever has a role gets none."""
    policy = a_policy(gates=1, temporary_access_pass=by, methods=("email", "mobile_phone", PASSKEY, "recovery_code"))
    proofs = [Proof(method=name, evidence=EVIDENCE[name]) for name in methods]
    assert (lacks_for_access_pass(policy, proofs, privileged=False) == ()) is enough
    assert lacks_for_access_pass(policy, proofs, privileged=True) is None
    off = a_policy(gates=1, methods=("email", "mobile_phone", PASSKEY, "recovery_code"))
    assert lacks_for_access_pass(off, proofs, privileged=False) is None


@pytest.mark.parametrize(
    ("knobs", "fault"),
    [
        ({"temporary_access_pass": "always"}, "must be one of off, phishing_resistant, app_or_code"),
        ({"temporary_access_pass": "phishing_resistant"}, "methods has none that is strong enough"),
        ({"temporary_access_pass": "app_or_code", "methods": ("email", "mobile_phone")}, "methods has none"),
        ({"temporary_access_pass": "app_or_code"}, ""),
    ],
)
def test_a_policy_that_nobody_could_meet_is_refused(knobs: dict[str, Any], fault: str) -> None:
    """At the start, and not at the end of the first reset."""
    faults = "; ".join(replace(a_policy(), **knobs).faults(EVIDENCE))
    assert fault in faults if fault else faults == ""


async def proven(*, by_code: bool = False, **knobs: Any) -> tuple[World, Granted]:
    """Ada has passed a gate by email, and one with a passkey or by a code to her phone."""
    offered = {"methods": ("email", "mobile_phone", PASSKEY), "temporary_access_pass": "phishing_resistant"}
    world = a_world(**MANY_STARTS, new_method_rest_hours=0, **{**offered, **knobs})
    await world.ada()
    device = await a_passkey(world, Device())
    await world.tell()
    world.trail.events.clear()
    world.directory.calls.clear()
    if by_code:
        token = (await world.pass_gate(await world.start(), "email")).verification_token  # type: ignore[union-attr]
        granted = await world.pass_gate(token, "mobile_phone")
    else:
        token = (await world.pass_gate(await world.start(), "email")).verification_token  # type: ignore[union-attr]
        token = await world.ask(token, PASSKEY)
        challenge = world.verification(token).challenge
        assert challenge is not None
        granted = await world.answer(token, device.answer(challenge.shown["options"]))
    assert isinstance(granted, Granted)
    assert world.directory.calls == []
    return world, granted


async def test_a_pass_is_shown_once_and_told_to_every_address() -> None:
    """The password stays, sessions end, and the pass stands in no row, event, order or message."""
    world, granted = await proven()
    assert granted.may_have_pass
    session = await world.sign_in()
    issued = await world.complete(granted.reset_token, None, PASS)
    assert issued.startswith("pass-")
    assert world.directory.passes["ada"].total_seconds() == 3600
    row = world.row()
    assert [notice.template for notice in row.notices] == ["access_pass_issued"]
    assert [event.tag for event in world.trail.events][-1] is Tag.ACCESS_PASS_ISSUED
    with pytest.raises(OutcomeUnknown):  # the same request again: nobody has the pass any more
        await world.complete(granted.reset_token, None, PASS)
    for other in (Ending.PASSWORD, Ending.UNLOCK):
        with pytest.raises(Refused):
            await world.complete(granted.reset_token, NEW_PASSWORD if other is Ending.PASSWORD else None, other)
    assert world.directory.calls.count("issue_temporary_access_pass") == 1
    world.clock.move(minutes=1)
    await world.tell()
    told = {channel.messages[-1].to for channel in world.adapters.channels.values() if channel.messages}
    assert told == {EMAIL, PHONE}
    assert "Temporary Access Pass" in world.messages()[-1]
    assert issued not in repr(world.people.rows) + repr(world.trail.events) + repr(world.messages()) + repr(
        world.orders
    )
    with pytest.raises(SignInRequired):
        await world.service.use(ViewRegistration)(session)
    assert await world.sign_in(password=PASSWORD)


@pytest.mark.parametrize(
    ("what", "no"),
    [
        ("off", InvalidInput),
        ("directory", InvalidInput),
        ("two codes", ProofNotEnough),
        ("role", ManagedByAdministrators),
        ("guest", ManagedElsewhere),
        ("busy", TryAgain),
        ("lost", OutcomeUnknown),
    ],
)
async def test_where_there_is_none_the_reason_is_told_and_a_password_is_still_possible(
    what: str, no: type[Any]
) -> None:
    """After the proof alone. A lost answer is unknown, told so, and never asked for again."""
    knobs = {"temporary_access_pass": "off"} if what == "off" else {}
    world, granted = await proven(by_code=what == "two codes", **knobs)
    assert granted.may_have_pass is (what not in {"off", "two codes"})
    if what == "directory":
        world.directory.capabilities = frozenset(Capability) - {Capability.TEMPORARY_ACCESS_PASS}  # type: ignore[misc]
    elif what == "role":
        world.directory.granted("ada", Role.ADMINISTRATOR)
    elif what == "guest":
        world.directory.managed_by("ada", ManagedBy.ANOTHER_ORGANISATION)
    world.directory.answers = {"busy": [DirectoryLost(7)], "lost": [DirectoryUnknown()]}.get(what, [])
    with pytest.raises(no) as told:
        await world.complete(granted.reset_token, None, PASS)
    issued = world.directory.calls.count("issue_temporary_access_pass")
    assert issued == (what in {"busy", "lost"})
    assert world.directory.passes == {}
    if what == "two codes":
        assert told.value.lacks == (Lack.PHISHING_RESISTANT,)
    if what == "lost":
        assert MAYBE[world.row().notices[0].template] == "access_pass_maybe_issued"
        assert world.trail.events[-1].tag is Tag.PASSWORD_UNKNOWN
        with pytest.raises(OutcomeUnknown):
            await world.complete(granted.reset_token, None, PASS)
        assert world.directory.calls.count("issue_temporary_access_pass") == 1
    elif what in {"off", "directory", "busy"}:
        await world.complete(getattr(told.value, "reset_token", None) or granted.reset_token)
        assert await world.sign_in(password=NEW_PASSWORD)
    else:
        assert world.row().notices == ()


async def test_a_pass_is_for_those_whose_password_is_on_the_premises_too() -> None:
    """It signs in beside that password. Kinds of evidence stay as they are in the row."""
    world, granted = await proven()
    world.directory.managed_by("ada", ManagedBy.ON_PREMISES)
    assert await world.complete(granted.reset_token, None, PASS)
    assert EVIDENCE[PASSKEY].kind is EvidenceClass.DEVICE
