"""Rule 22: gates are independent by class and destination of what was proved, not by the name of the method."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import AnswerRefused, InvalidInput, ProofNotEnough, Refused
from shared.domain.gates import Lack, Requirement, independent, left_for_next_gate, on_row, proofs_by
from shared.domain.person import Evidence, EvidenceClass, Person
from shared.domain.roles import Role
from shared.domain.verification import PassedGate, granted
from shared.methods import ALL, evidence_by_name
from shared.usecases.set_password import SetPassword
from shared.usecases.verify import Granted, NextGate
from tests.attacks.authenticator import APP, App, an_app
from tests.attacks.no_limits import MANY_STARTS
from tests.attacks.test_rule_26_passkeys import a_passkey
from tests.builders import (
    EMAIL,
    NEW_PASSWORD,
    PHONE,
    World,
    a_method,
    a_person,
    a_policy,
    a_world,
    an_attempt,
    an_attempt_id,
    prefilled,
)
from tests.fakes.clock import MONDAY_MORNING
from tests.passkeys import Device

POLICY = a_policy()
MAILBOX, LINE, DEVICE = EvidenceClass.MAILBOX, EvidenceClass.PHONE_LINE, EvidenceClass.DEVICE


def evidence(kind: EvidenceClass, destination: str) -> Evidence:
    return Evidence(kind=kind, destination=destination)


@pytest.mark.parametrize(
    ("proofs", "count"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([(MAILBOX, "a")], 1, id="one"),
        pytest.param([(MAILBOX, "a"), (LINE, "b")], 2, id="class_and_destination_differ"),
        pytest.param([(MAILBOX, "a"), (MAILBOX, "b")], 1, id="two_mailboxes"),
        pytest.param([(DEVICE, "a"), (DEVICE, "b"), (DEVICE, "c")], 1, id="three_apps"),
        pytest.param([(MAILBOX, "a"), (LINE, "a")], 1, id="one_destination_for_two_classes"),
        pytest.param([(MAILBOX, "a"), (LINE, "b"), (DEVICE, "c")], 3, id="three_classes"),
        pytest.param([(MAILBOX, "a"), (MAILBOX, "b"), (LINE, "b")], 1, id="destination_of_one_that_did_not_count"),
    ],
)
def test_only_another_class_at_another_destination_is_another_proof(
    proofs: list[tuple[EvidenceClass, str]], count: int
) -> None:
    """Two mailboxes are one proof, and so is one device used by two methods (R-26)."""
    assert independent(evidence(*proof) for proof in proofs) == count


def row_that_passed(*proofs: tuple[str, Evidence]) -> tuple[Person, tuple[PassedGate, ...]]:
    """Return a row with gates passed by these methods and evidence, and the gates as a token has them."""
    attempts = tuple(
        an_attempt(id=an_attempt_id(gate=n, method=name), passed=proof, nonce=f"n{n}")
        for n, (name, proof) in enumerate(proofs, start=1)
    )
    gates = tuple(PassedGate(gate=n, method=name, evidence=proof) for n, (name, proof) in enumerate(proofs, start=1))
    return a_person(attempts=attempts), gates


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        pytest.param(("email", evidence(MAILBOX, "e")), ("mobile_phone", evidence(LINE, "m")), 2, id="mail_and_phone"),
        pytest.param(("email", evidence(MAILBOX, "e")), ("mobile_phone", evidence(LINE, "e")), 1, id="one_destination"),
        pytest.param(("email", evidence(MAILBOX, "e")), ("email", evidence(MAILBOX, "f")), 1, id="email_twice"),
        pytest.param(("mobile_phone", evidence(LINE, "m")), ("office_phone", evidence(LINE, "o")), 1, id="two_lines"),
        pytest.param((APP, evidence(DEVICE, "1")), (APP, evidence(DEVICE, "2")), 1, id="two_apps"),
        pytest.param((APP, evidence(DEVICE, "1")), ("email", evidence(MAILBOX, "e")), 2, id="app_and_mail"),
    ],
)
def test_passed_gates_count_by_their_evidence_on_the_row(
    first: tuple[str, Evidence], second: tuple[str, Evidence], count: int
) -> None:
    """Class and destination decide, not the names of the methods."""
    person, gates = row_that_passed(first, second)
    assert on_row(person, "v", gates) == gates
    assert independent(gate.evidence for gate in gates) == count


def test_a_mobile_and_an_office_phone_do_not_pass_two_gates() -> None:
    """Both are telephone lines, so neither is offered after the other."""
    key = a_person().account
    row = a_person(methods=(a_method("mobile_phone", PHONE, key), a_method("office_phone", "+33155501234", key)))
    assert not Requirement(gates=2).is_met_by(proofs_by(row.methods, POLICY, MONDAY_MORNING))
    passed = (PassedGate(gate=1, method="mobile_phone", evidence=row.methods[0].sealed.evidence),)
    assert left_for_next_gate(row, passed, POLICY, MONDAY_MORNING) == ()
    assert ALL["mobile_phone"].evidence is ALL["office_phone"].evidence


def test_a_policy_whose_methods_are_all_of_one_class_is_refused() -> None:
    """Two gates need two classes. Otherwise no reset could be completed."""
    of_this_build = evidence_by_name()
    alike = {name: replace(one, kind=EvidenceClass.DEVICE) for name, one in of_this_build.items()}
    assert POLICY.faults(of_this_build) == []
    assert len(POLICY.faults(alike)) == 1


async def test_the_second_gate_does_not_offer_the_method_of_the_first() -> None:
    """After email only the others are offered, and asking for email again is bad input."""
    world = a_world(new_method_rest_hours=0)
    await world.ada()
    await an_app(world)
    outcome = await world.pass_gate(await world.start(), "email")
    assert isinstance(outcome, NextGate)
    assert outcome.methods == ("mobile_phone", APP)
    with pytest.raises(InvalidInput, match="already_proved"):
        await world.ask(outcome.verification_token, "email")


async def test_one_mailbox_as_two_methods_passes_one_gate() -> None:
    """If both methods have one destination, there is no reset token."""
    world = a_world()
    await world.ada()
    row = world.row()
    email, phone = row.methods
    there = replace(phone.sealed.evidence, destination=email.destination)
    world.people.put(replace(row, methods=(email, replace(phone, sealed=replace(phone.sealed, evidence=there)))))
    outcome = await world.pass_gate(await world.start(), "email")
    assert isinstance(outcome, NextGate)
    assert outcome.methods == ()
    token = await world.challenge(outcome.verification_token, "mobile_phone")
    with pytest.raises(AnswerRefused):
        await world.answer(token, world.code("mobile_phone"))


async def test_two_apps_pass_one_gate() -> None:
    """The second is not offered after the first, and a token that lists both sets no password."""
    world = a_world(new_method_rest_hours=0)
    await world.account("ada", email=EMAIL)
    first, second = await an_app(world), await an_app(world)
    token = await world.ask(await world.start(), APP)
    outcome = await world.answer(token, first.code())
    assert isinstance(outcome, NextGate)
    assert outcome.methods == ("email",)
    with pytest.raises(InvalidInput, match="already_proved"):
        await world.ask(outcome.verification_token, APP)
    other = await world.answer(await world.ask(await world.start(), APP), second.code())
    assert isinstance(other, NextGate)
    one, two = world.verification(outcome.verification_token), world.verification(other.verification_token)
    both = granted(replace(one, passed=(*one.passed, *two.passed)), world.clock.now(), world.policy)
    with pytest.raises(Refused):
        await world.complete(world.seal(both))


@pytest.mark.parametrize("order", [(APP, "email"), ("email", APP), (APP, "mobile_phone"), ("mobile_phone", APP)])
async def test_an_app_and_a_code_pass_two_gates_in_either_order(order: tuple[str, str]) -> None:
    """Both proofs are on the row, and the password is set."""
    world = a_world(new_method_rest_hours=0)
    await world.ada()
    app = await an_app(world)
    token = await world.start()
    for method in order:
        token = await world.challenge(token, method)
        outcome = await world.answer(token, app.code() if method == APP else world.code(method))
        token = outcome.verification_token if isinstance(outcome, NextGate) else outcome.reset_token
    assert isinstance(outcome, Granted)
    await world.complete(token)
    assert world.directory.calls.count("set_password") == 1


async def test_every_stored_method_has_its_own_destination() -> None:
    """One per credential and account, never empty. Otherwise two apps would look like one."""
    world = a_world(new_method_rest_hours=0)
    await world.ada()
    for _ in range(3):
        await an_app(world)
    key = await world.account("bob", email="bob@mail.example")
    await an_app(world, "bob")
    world.people.put(
        replace(world.row("bob"), methods=(*world.row("bob").methods, prefilled("office_phone", "+33155501234", key)))
    )
    destinations = [method.destination for name in ("ada", "bob") for method in world.row(name).methods]
    assert all(len(destination) == 52 for destination in destinations)
    assert len(set(destinations)) == len(destinations) == 8


MANY_SENDS = {f"sends_per_destination_{window}": 20 for window in ("10min", "hour", "day")}
ALL_METHODS = ("email", "mobile_phone", APP, "passkey")


async def passed(world: World, *names: str, device: Device, app: App) -> NextGate | Granted:
    """Pass a gate by each of these methods."""
    token, outcome = await world.start(), None
    for name in names:
        token = await world.challenge(token, name)
        challenge = world.verification(token).challenge
        assert challenge is not None
        answers = {"passkey": lambda shown: device.answer(shown["options"]), APP: lambda _: app.code(1)}
        answer = answers[name](challenge.shown) if name in answers else world.code(name)
        outcome = await world.answer(token, answer)
        token = outcome.verification_token if isinstance(outcome, NextGate) else outcome.reset_token
    assert outcome is not None
    return outcome


async def ada_with_everything(**knobs: Any) -> tuple[World, Device, App]:
    world = a_world(**MANY_STARTS, **MANY_SENDS, new_method_rest_hours=0, methods=ALL_METHODS, **knobs)
    await world.ada()
    app = await an_app(world)
    return world, await a_passkey(world, Device()), app


STRONG: dict[str, Any] = {"require_strong_gate": "all"}
ON_THE_PHONE: dict[str, Any] = {"sign_in_factors": (APP, "mobile_phone")}


@pytest.mark.parametrize(
    ("knobs", "names", "left"),
    [
        pytest.param(STRONG, ("email",), ("passkey",), id="email then only a passkey"),
        pytest.param(STRONG, (APP,), ("email", "mobile_phone", "passkey"), id="an app does not close the way"),
        pytest.param(STRONG, (APP, "email"), ("passkey",), id="a third gate"),
        pytest.param(STRONG, (APP, "email", "passkey"), None, id="three gates"),
        pytest.param(STRONG, ("passkey", "mobile_phone"), None, id="a passkey and a code"),
        pytest.param(ON_THE_PHONE, (APP,), ("email",), id="a stolen phone"),
        pytest.param(ON_THE_PHONE, (APP, "email"), None, id="a factor of the sign-in beside another method"),
        pytest.param({**ON_THE_PHONE, "gates": 1}, ("mobile_phone",), ("email", "passkey"), id="not the only gate"),
        pytest.param({**ON_THE_PHONE, "gates": 1}, ("email",), None, id="the only gate"),
    ],
)
async def test_a_grant_needs_the_evidence_that_the_policy_asks_for(
    knobs: dict[str, Any], names: tuple[str, ...], left: tuple[str, ...] | None
) -> None:
    """In every order, and with no gate more than is needed. What is granted then sets the password."""
    world, device, app = await ada_with_everything(**knobs)
    outcome = await passed(world, *names, device=device, app=app)
    if left is None:
        assert isinstance(outcome, Granted)
        await world.complete(outcome.reset_token)
        return
    assert isinstance(outcome, NextGate)
    assert (outcome.methods, outcome.lacks) == (left, ())


async def test_a_stale_method_is_not_the_only_gate() -> None:
    """The number may belong to somebody else by now (A-52). Beside another one it still counts."""
    world = a_world(gates=1)
    await world.ada()
    world.clock.move(days=180)
    outcome = await world.pass_gate(await world.start(), "mobile_phone")
    assert isinstance(outcome, NextGate)
    assert outcome.methods == ("email",)
    assert isinstance(await world.pass_gate(outcome.verification_token, "email"), Granted)
    world.people.put(replace(world.row(), methods=world.row().methods[1:]))
    alone = await world.pass_gate(await world.start(), "mobile_phone")
    assert isinstance(alone, NextGate)
    assert (alone.methods, alone.lacks) == ((), (Lack.RECENT,))


@pytest.mark.parametrize(
    ("knobs", "lacks"),
    [(STRONG, (Lack.PHISHING_RESISTANT,)), ({"sign_in_factors": ("email", "mobile_phone")}, (Lack.OUTSIDE_SIGN_IN,))],
)
async def test_who_has_no_such_method_is_told_after_the_first_proof_what_is_missing(
    knobs: dict[str, Any], lacks: tuple[Lack, ...]
) -> None:
    """Before it nothing differs from other accounts, and no further code is asked for in vain (rule 9)."""
    world = a_world(methods=ALL_METHODS, **knobs)
    await world.ada()
    outcome = await world.pass_gate(await world.start(), "email")
    assert isinstance(outcome, NextGate)
    assert (outcome.methods, outcome.lacks) == ((), lacks)


@pytest.mark.parametrize("names", [("email",), ("email", "mobile_phone")], ids=["one gate", "two gates"])
async def test_a_role_that_was_given_meanwhile_is_told_and_the_next_reset_asks_for_what_it_needs(
    names: tuple[str, ...],
) -> None:
    """The directory is asked at the end only (D7). Otherwise the person would start again for ever."""
    world, device, app = await ada_with_everything(gates=len(names), require_strong_gate="privileged")
    world.directory.granted("ada", Role.ADMINISTRATOR)
    granted = await passed(world, *names, device=device, app=app)
    assert isinstance(granted, Granted)
    with pytest.raises(ProofNotEnough) as refused:
        await world.complete(granted.reset_token)
    assert Lack.PHISHING_RESISTANT in refused.value.lacks
    assert world.directory.calls.count("set_password") == 0
    again = await passed(world, "email", device=device, app=app)
    assert isinstance(again, NextGate)
    assert again.methods == ("passkey",)
    granted = await passed(world, "email", "passkey", device=device, app=app)
    assert isinstance(granted, Granted)
    await world.complete(granted.reset_token)


@pytest.mark.parametrize("stricter", [STRONG, {"sign_in_factors": ("email", "mobile_phone")}, {"gates": 2}])
async def test_the_policy_of_now_decides_at_the_end(stricter: dict[str, Any]) -> None:
    """A token that was granted under another policy, or sealed with a stolen key, sets no password (rule 11)."""
    world, device, app = await ada_with_everything(gates=1)
    granted = await passed(world, "email", device=device, app=app)
    assert isinstance(granted, Granted)
    setting = replace(world.service.use(SetPassword), policy=replace(world.policy, **stricter))
    with pytest.raises(Refused):
        await setting(granted.reset_token, NEW_PASSWORD, world.trail, client="c")
    assert world.directory.calls.count("set_password") == 0
