"""Rule 4: a write is found by its nonce, a lost write is repeated, and an unknown outcome is not answered."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.completion import reserved
from shared.domain.errors import AnswerRefused, PasswordRefused, Refused
from shared.domain.person import RING, Notice, Person
from shared.domain.registration import removed
from shared.ports.directory import PasswordNotTaken
from tests.attacks import disturbed_writes as writes
from tests.attacks.disturbed_writes import Act, BusyPeople, a_busy_world, left_behind, told
from tests.builders import NEW_PASSWORD, World, a_world, an_attempt, at
from tests.fakes.people import Fault

Kind = Callable[[World], Awaitable[Act]]

KEPT: list[tuple[Kind, int]] = [
    (writes.right_answer, 0), (writes.right_answer_by_app, 0), (writes.wrong_answer_that_suspends, 0),
    (writes.delivery_of_a_code, 0), (writes.reservation, 0), (writes.change_of_password, 0),
    (writes.beginning_with_a_code, 0), (writes.beginning_with_another_code, 0), (writes.beginning_with_a_secret, 0),
    (writes.confirmation_by_code, 0), (writes.confirmation_of_the_stored_contact, 0),
    (writes.confirmation_by_secret, 0), (writes.removal, 0), (writes.removal_of_an_app, 0), (writes.erasure, 0),
    (writes.reminder, 0), (writes.approval_of_a_code, 0), (writes.first_confirmation_with_a_code, 0),
    (writes.first_password, 0), (writes.freeze, 0), (writes.thaw, 0), (writes.removal_by_an_administrator, 0),
]  # fmt: skip
"""Kinds of writes whose nonce is also kept in an entry, and which write of the request is disturbed."""

IN_THE_RING: list[tuple[Kind, int]] = [
    (writes.wrong_answer, 0), (writes.strangers_wrong_answer, 0), (writes.wrong_confirmation, 0),
    (writes.delivery_of_nothing, 0), (writes.removal_of_what_was_prefilled, 0), (writes.reconfirmation, 0),
    (writes.prefill_of_a_contact, 0), (writes.prefill_of_a_language, 0), (writes.reminder, 1),
    (writes.notice, 0), (writes.delivery_report, 0), (writes.request_for_a_code, 0),
]  # fmt: skip
"""Kinds of writes whose nonce is only in the ring."""

AFTER_THE_DIRECTORY: list[tuple[Kind, int]] = [
    (writes.reservation, 1),
    (writes.refused_reservation, 1),
    (writes.change_of_password, 1),
]
"""Kinds of writes after the directory's answer (rule 11)."""

IN_DOUBT = {writes.reservation, writes.change_of_password, writes.first_password}
"""Kinds whose answer is "unknown" if it is not known whether the reservation is on the row: its notice may be sent."""

EVERY_WRITE = KEPT + IN_THE_RING + AFTER_THE_DIRECTORY


def named(value: object) -> str:
    if isinstance(value, Fault):
        return value.name.lower()
    return f"{value[0].__name__}_{value[1] + 1}" if isinstance(value, tuple) else str(value)


every_write = pytest.mark.parametrize("write", EVERY_WRITE, ids=named)


async def outcome(
    write: tuple[Kind, int], disturb: Callable[[World, BusyPeople, int], None] | None = None
) -> tuple[World, str]:
    """Return the world and the answer for this kind of write, on a clock that advances with every read."""
    (prepare, earlier), (world, people) = write, a_busy_world()
    act = await prepare(world)
    world.clock.tick = timedelta(milliseconds=1)
    if disturb:
        disturb(world, people, earlier)
    return world, await told(act)


FACTS: dict[Kind, Callable[[World], bool]] = {
    writes.request_for_a_code: lambda world: world.row().activation_request is not None,
    writes.approval_of_a_code: lambda world: (world.row().activation is not None) == (len(world.row().notices) == 1),
    writes.first_confirmation_with_a_code: lambda world: len(world.row("noor").confirmed) == 1,
    writes.first_password: lambda world: world.directory.accounts[world.row("noor").object_id][1] == NEW_PASSWORD,
    writes.right_answer: lambda world: world.row().attempts[0].passed is not None,
    writes.right_answer_by_app: lambda world: world.row().attempts[-1].passed is not None,
    writes.wrong_answer: lambda world: world.row().attempts[0].tries == 1,
    writes.strangers_wrong_answer: lambda world: world.row("unknown").attempts[0].tries == 1,
    writes.wrong_answer_that_suspends: lambda world: len(world.row().notices) == 1,
    writes.delivery_of_a_code: lambda world: (len(world.row().sent_codes), len(world.codes())) == (1, 1),
    writes.delivery_of_nothing: lambda world: len(world.row("unknown").ring) == 1,
    writes.reservation: lambda world: world.row().completion == "" and len(world.row().notices) == 1,
    writes.refused_reservation: lambda world: world.row().completion == "" and not world.row().notices,
    writes.change_of_password: lambda world: world.row().completion == "" and len(world.row().notices) == 1,
    writes.beginning_with_a_code: lambda world: [o.code.send for o in world.orders] == [1],
    writes.beginning_with_another_code: lambda world: [o.code.send for o in world.orders] == [2],
    writes.beginning_with_a_secret: lambda world: world.row().pending[0].sealed.credential != "",
    writes.confirmation_by_code: lambda world: (len(world.row().confirmed), len(world.row().notices)) == (1, 1),
    writes.confirmation_of_the_stored_contact: lambda world: (world.row().pending, world.row().notices) == ((), ()),
    writes.confirmation_by_secret: lambda world: (len(world.row().confirmed), len(world.row().notices)) == (1, 1),
    writes.wrong_confirmation: lambda world: world.row().attempts[0].tries == 1,
    writes.removal: lambda world: (len(world.row().methods), len(world.row().notices)) == (1, 1),
    writes.removal_of_an_app: lambda world: [m.name for m in world.row().methods] == ["email"],
    writes.removal_of_what_was_prefilled: lambda world: (world.row().methods, world.row().notices) == ((), ()),
    writes.reconfirmation: lambda world: world.row().methods[0].confirmed_at > at(),
    writes.prefill_of_a_contact: lambda world: world.row().method("office_phone") is not None,
    writes.prefill_of_a_language: lambda world: world.row().language == "fr",
    writes.erasure: lambda world: not any(row.methods for row, _ in world.people.rows.values()),
    writes.removal_by_an_administrator: lambda world: [m.name for m in world.row().methods] == ["mobile_phone"],
    writes.freeze: lambda world: world.row().frozen_at is not None and len(world.row().notices) == 1,
    writes.thaw: lambda world: world.row().frozen_at is None and len(world.row().notices) == 2,
    writes.reminder: lambda world: world.row().reminder.sent and len(world.messages()) == 1,
    writes.notice: lambda world: world.row().notices == (),
    writes.delivery_report: lambda world: world.row().methods[0].suspect_at is not None,
}


@every_write
async def test_an_undisturbed_write_has_its_normal_outcome(write: tuple[Kind, int]) -> None:
    """The other tests compare with it: wrong answers are refused, everything else succeeds."""
    world, got = await outcome(write)
    kind = write[0].__name__
    assert ("Refused" in got) == ("wrong" in kind or "refused" in kind)
    assert "TryAgain" not in got
    assert FACTS[write[0]](world)


@every_write
@pytest.mark.parametrize("fault", list(Fault), ids=named)
async def test_a_disturbed_write_has_the_outcome_of_an_undisturbed_one(write: tuple[Kind, int], fault: Fault) -> None:
    """The same answer, row (with nonce and times), messages, orders and events."""

    def disturb(_world: World, people: BusyPeople, earlier: int) -> None:
        people.faults = [*[None] * earlier, fault]

    calm, expected = await outcome(write)
    disturbed, got = await outcome(write, disturb)
    assert got == expected
    assert left_behind(disturbed, with_rings=True) == left_behind(calm, with_rings=True)


@pytest.mark.parametrize(
    ("write", "place", "others"),
    [(write, place, RING - 1) for write in EVERY_WRITE for place in ("behind", "ahead")]
    + [(write, "behind", 40) for write in KEPT],
    ids=named,
)
async def test_a_write_among_many_others_has_the_outcome_of_an_undisturbed_one(
    write: tuple[Kind, int], place: str, others: int
) -> None:
    """Behind it, and its answer lost: after 31 its nonce is still in the ring, and in an entry after any number.

    Ahead of it: no nonce has left the ring, so a missing one means a lost write, which is repeated.
    """

    def disturb(_world: World, people: BusyPeople, earlier: int) -> None:
        setattr(people, place, [*[0] * earlier, others])

    calm, expected = await outcome(write)
    disturbed, got = await outcome(write, disturb)
    assert got == expected
    assert left_behind(disturbed, with_rings=False) == left_behind(calm, with_rings=False)


@pytest.mark.parametrize("write", IN_THE_RING, ids=named)
async def test_an_applied_write_that_left_the_ring_gets_no_answer(write: tuple[Kind, int]) -> None:
    """32 other writes came before the next read. The request answers neither yes nor no, and queues no order."""

    def disturb(_world: World, people: BusyPeople, earlier: int) -> None:
        people.behind = [*[0] * earlier, RING]

    world, got = await outcome(write, disturb)
    assert got == "TryAgain try_again"
    assert world.orders == []


@pytest.mark.parametrize("write", KEPT + IN_THE_RING, ids=named)
async def test_a_write_after_a_whole_ring_of_others_gets_no_answer(write: tuple[Kind, int]) -> None:
    """32 other writes came first. Its own nonce could have left the ring, so nothing is answered or written."""
    before = []

    def disturb(world: World, people: BusyPeople, earlier: int) -> None:
        before.append(left_behind(world, with_rings=False))
        people.ahead = [*[0] * earlier, RING]

    world, got = await outcome(write, disturb)
    after = left_behind(world, with_rings=False)
    assert got == ("OutcomeUnknown outcome_unknown" if write[0] in IN_DOUBT else "TryAgain try_again")
    assert not [order for order in after["orders"] if order not in before[0]["orders"]]
    if write[1] == 0:
        assert {key: after["rows"][key] for key in before[0]["rows"]} == before[0]["rows"]


@pytest.mark.parametrize("write", AFTER_THE_DIRECTORY, ids=named)
@pytest.mark.parametrize("place", ["ahead", "behind"])
async def test_the_directorys_decision_is_answered_even_if_the_row_is_unknown(
    write: tuple[Kind, int], place: str
) -> None:
    """A password that was set is answered with success. One that was refused is in doubt: the notice may be sent."""

    def disturb(_world: World, people: BusyPeople, earlier: int) -> None:
        setattr(people, place, [*[0] * earlier, RING])

    _, expected = await outcome(write)
    world, got = await outcome(write, disturb)
    assert got == (expected if write[0] in IN_DOUBT else "OutcomeUnknown outcome_unknown")
    assert bool(world.row().completion) == (place == "ahead")


# -- after a lost answer, the next read must not confuse requests --


@pytest.mark.parametrize("is_answer_lost", [True, False], ids=["answer_lost", "undisturbed"])
async def test_a_reservation_keeps_the_version_that_it_drew(is_answer_lost: bool) -> None:
    """A method was removed meanwhile. The token given back after a refusal has the older version and is refused."""
    world, people = a_busy_world()
    await world.ada()
    token = await world.prove()

    def removal(row: Person) -> Person:
        return removed(row, "email", "", event="removal", version="R" * 22, now=world.clock.at, policy=world.policy)

    if is_answer_lost:
        people.afterwards = removal
    world.directory.answers = [PasswordNotTaken(["history"])]
    with pytest.raises(PasswordRefused) as no:
        await world.complete(token)
    if not is_answer_lost:
        people.put(removal(world.row()))
    assert world.row().version == "R" * 22
    with pytest.raises(Refused):
        await world.complete(no.value.reset_token or "")
    assert world.directory.calls.count("set_password") == 1


async def test_a_claim_that_an_erasure_removed_before_the_next_read_sends_nothing() -> None:
    """The ring has the nonce, but the claim is gone: the delivery ends and sends no code."""
    world, people = a_busy_world()
    await world.ada()
    await world.ask(await world.start())
    people.afterwards = lambda row: Person(account=row.account, version="E" * 22)
    await world.deliver()
    assert world.adapters.email.attempts == 0


async def test_another_completion_is_not_confused_with_ones_own() -> None:
    """A conflict with another completion refuses this one. Two reservations never both succeed."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    notice = Notice(event="rival", template="password_changed", at=world.clock.now(), provisional=True)
    rival = reserved(world.row(), notice=notice, version="B" * 22, session_version="C" * 22)
    world.people.meanwhile = lambda: world.people.put(rival)
    with pytest.raises(Refused):
        await world.complete(token)
    assert world.row().completion == "rival"


async def test_a_gate_passed_by_another_request_is_not_confused_with_ones_own() -> None:
    """Both answers are right. The slower request finds the nonce of the other one and is refused."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    of = world.verification(token).attempt_id("email")
    rival = an_attempt(id=of, passed=world.row().methods[0].sealed.evidence, nonce="rival")
    world.people.meanwhile = lambda: world.people.put(replace(world.row(), attempts=(rival,)).stamped("rival", ()))
    with pytest.raises(AnswerRefused):
        await world.answer(token, world.code())
    assert world.row().attempts == (rival,)
