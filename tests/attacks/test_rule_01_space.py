"""Rule 1: each kind of entry on the row has a bound and its own space, and a full row can still be written."""

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.account import ObjectId
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.errors import AnswerRefused, Limited
from shared.domain.judgement import MAX_ATTEMPTS, failed
from shared.domain.person import (
    KNOWN_CLIENTS,
    RING,
    Evidence,
    EvidenceClass,
    Failures,
    MethodState,
    Notice,
    PendingMethod,
    Person,
    Purpose,
    RegisteredMethod,
    Reminder,
    RemovedContact,
    Sealed,
    Source,
)
from shared.domain.sent_codes import MAX_SENT_CODES, with_sent_code
from shared.methods import ALL, SentCodeMethod
from shared.usecases._sealing import Sealing
from shared.usecases.verify import Granted
from shared.validation.records import encode
from tests.attacks.no_limits import MANY_STARTS, STRANGER
from tests.builders import (
    EMAIL,
    a_code_id,
    a_person,
    a_policy,
    a_sent_code,
    a_world,
    an_attempt,
    an_attempt_id,
    an_order,
    wrong,
)
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.keys import a_keyring

POLICY = a_policy()
PROPERTY_CHARACTERS = 28_672
"""The limit of the storage service for one string property, in blocks of 4,096 characters."""


def test_a_full_row_drops_the_send_and_removes_no_claim() -> None:
    """The claim of a code that somebody may still answer is never removed for another code."""
    codes = tuple(a_sent_code(id=a_code_id(verification=f"v{n}"), nonce=f"n{n}") for n in range(MAX_SENT_CODES))
    person = a_person(email=EMAIL, sent_codes=codes)
    assert with_sent_code(person, an_order(), person.methods[0].sealed, MONDAY_MORNING, nonce="n") is None


@pytest.mark.parametrize(
    ("late", "codes"), [pytest.param(-1, 2, id="second_before"), pytest.param(0, 1, id="on_the_second")]
)
def test_a_claim_is_removed_only_after_its_token_expired_plus_the_clock_margin(late: int, codes: int) -> None:
    """One second earlier it stays: on another instance's clock the token may still be valid."""
    person, order = a_person(email=EMAIL), an_order()
    target, leaves = person.methods[0].sealed, order.leaves_at + CLOCK_MARGIN
    first = with_sent_code(person, order, target, MONDAY_MORNING, nonce="first")
    assert first is not None
    assert first.sent_codes[0].leaves_at == leaves
    now = leaves + timedelta(seconds=late)
    later = an_order(code=a_code_id(verification="another"), leaves_at=now + timedelta(minutes=15))
    second = with_sent_code(first, later, target, now, nonce="second")
    assert second is not None
    assert len(second.sent_codes) == codes


async def test_the_send_limit_bounds_the_claims_of_a_row() -> None:
    """Dozens of challenges for one account leave only as many claims as its destination may get codes."""
    world = a_world(**MANY_STARTS)
    await world.ada()
    for _ in range(40):
        await world.challenge(await world.start())
    assert len(world.row().sent_codes) == world.policy.sends_per_destination_10min


def test_the_oldest_attempt_without_a_pass_and_without_a_live_code_is_removed() -> None:
    """At the bound, neither the owner's pass nor the tries of a live code are lost."""
    evidence = Evidence(kind=EvidenceClass.MAILBOX, destination="d")
    passed = an_attempt(id=an_attempt_id(verification="passed"), passed=evidence, nonce="n")
    live = an_attempt(id=an_attempt_id(verification="live"), tries=5)
    others = [an_attempt(id=an_attempt_id(verification=f"v{n}"), tries=1) for n in range(MAX_ATTEMPTS - 2)]
    person = a_person(
        email=EMAIL,
        attempts=(passed, live, *others),
        sent_codes=(a_sent_code(id=a_code_id(verification="live")),),
    )
    new = an_attempt(id=an_attempt_id(verification="new"))
    after = failed(person, new, closed=False, nonce="n", now=MONDAY_MORNING, policy=POLICY).person.attempts
    assert [attempt.id.verification for attempt in after] == [
        "passed", "live", *(f"v{n}" for n in range(1, MAX_ATTEMPTS - 2)), "new",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("late", "count"), [pytest.param(-1, 2, id="second_before"), pytest.param(0, 1, id="on_the_second")]
)
async def test_an_attempt_is_removed_only_after_its_token_expired_plus_the_clock_margin(late: int, count: int) -> None:
    """Until then its tries and its pass are needed. After it, the next write removes the attempt."""
    world = a_world(**MANY_STARTS)
    await world.ada()
    token = await world.challenge(await world.start())
    with pytest.raises(AnswerRefused):
        await world.answer(token, wrong(world.code()))
    world.clock.at = world.verification(token).expires_at + CLOCK_MARGIN + timedelta(seconds=late)
    with pytest.raises(AnswerRefused):
        await world.answer(await world.challenge(await world.start()), "11111111")
    assert len(world.row().attempts) == count


@pytest.mark.parametrize("method", ["email", "authenticator_app"])
async def test_strangers_attempts_do_not_remove_the_owners_entries(method: str) -> None:
    """She passed one gate and waits for the second code. After forty tries of strangers she can still finish."""
    world = a_world(**MANY_STARTS)
    await world.ada()
    outcome = await world.pass_gate(await world.start(), "email")
    token = await world.challenge(outcome.verification_token, "mobile_phone")
    for _ in range(40):
        theirs = await world.challenge(await world.start(client=STRANGER), method, client=STRANGER)
        with pytest.raises(AnswerRefused):
            await world.answer(theirs, "11111111" if method == "email" else "111111", client=STRANGER)
    assert len(world.row().attempts) == MAX_ATTEMPTS
    granted = await world.answer(token, world.code("mobile_phone"))
    assert isinstance(granted, Granted)
    await world.complete(granted.reset_token)


async def test_other_attempts_do_not_reset_the_tries_of_a_live_code() -> None:
    """Five wrong answers stay counted, however many verifications are started afterwards."""
    world = a_world(**MANY_STARTS)
    await world.ada()
    token = await world.challenge(await world.start(client=STRANGER), client=STRANGER)
    code = world.code()
    for _ in range(5):
        with pytest.raises(AnswerRefused):
            await world.answer(token, wrong(code), client=STRANGER)
    for _ in range(MAX_ATTEMPTS + 8):
        other = await world.challenge(await world.start(client=STRANGER), client=STRANGER)
        with pytest.raises(AnswerRefused):
            await world.answer(other, "11111111", client=STRANGER)
    with pytest.raises(AnswerRefused):
        await world.answer(token, code, client=STRANGER)


# -- the size of the row --

MOMENT = MONDAY_MORNING + timedelta(microseconds=123_456)
DIGEST = "d" * 52
LONGEST_ADDRESS = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'e' * 50}.example"
LONGEST_SECRET = f'{{"secret": "{"A" * 32}", "last_step": 99999999}}'
KEYRING = a_keyring()
ACCOUNT = KEYRING.account_key(ObjectId("object"))


def token(number: int) -> str:
    return f"{number:022}"


def characters(person: Person) -> int:
    """Return the length as the storage service counts it: in UTF-16 units."""
    return len(encode(person).encode("utf-16-le")) // 2


def sealed_contact(name: str, contact: str) -> Sealed:
    method = ALL[name]
    assert isinstance(method, SentCodeMethod)
    return Sealing(KEYRING).contact(ACCOUNT, method, method.stored(contact))


def sealed_app(credential: str) -> Sealed:
    method = ALL["authenticator_app"]
    assert not isinstance(method, SentCodeMethod)
    return Sealing(KEYRING).secret(ACCOUNT, method, LONGEST_SECRET, credential)


def a_full_row() -> Person:
    """Return a row with every kind of entry at its bound and the longest values, and one notice."""
    contacts = [
        sealed_contact("email", LONGEST_ADDRESS),
        sealed_contact("mobile_phone", "+339876543210123"),
        sealed_contact("office_phone", "+339876543210124"),
    ]
    apps = [sealed_app(token(n)) for n in range(3)]
    methods = tuple(
        RegisteredMethod(
            sealed=sealed, state=MethodState.CONFIRMED, source=Source.ADMINISTRATOR, set_at=MOMENT,
            label="\U0001f4f1" * 40 if sealed.credential else "", confirmed_at=MOMENT, usable_from=MOMENT,
            suspect_at=MOMENT, suspect_reason="unreachable", reached_at=MOMENT,
        )
        for sealed in (*contacts, *apps)
    )  # fmt: skip
    tried = [
        an_attempt_id(purpose=Purpose.REGISTRATION, verification=token(n), gate=0, method="mobile_phone")
        for n in range(MAX_ATTEMPTS)
    ]
    pending = tuple(
        PendingMethod(
            sealed=sealed, source=Source.ADMINISTRATOR, attempt=replace(tried[0], method=sealed.method),
            expires_at=MOMENT, nonce=token(0), label="\U0001f4f1" * 40 if sealed.credential else "",
            replaces=sealed.credential, code=a_code_id(send=5, channel="email"), code_key=9999, sent_at=MOMENT,
        )
        for sealed in (*contacts[:2], apps[0])
    )  # fmt: skip
    evidence = Evidence(kind=EvidenceClass.PHONE_LINE, destination=DIGEST)
    places = [("reset", 1), ("reset", 2), ("registration", 0)]
    failures = Failures(since=MOMENT, count=20, reserved=5, consecutive=100, suspended_until=MOMENT)
    return Person(
        account=ACCOUNT,
        object_id=ObjectId("o" * 36),
        privileged=True,
        version=token(0),
        session_version=token(0),
        password_stamp="s" * 64,
        language="en",
        methods=methods,
        pending=pending,
        removed=(RemovedContact(sealed=contacts[0], removed_at=MOMENT),),
        attempts=tuple(
            an_attempt(id=of, leaves_at=MOMENT, tries=9, passed=evidence, nonce=token(n)) for n, of in enumerate(tried)
        ),
        sent_codes=tuple(
            a_sent_code(
                id=replace(a_code_id(send=5, channel="sms"), attempt=tried[n]), code_key=9999, destination=DIGEST,
                claimed_at=MOMENT, leaves_at=MOMENT, nonce=token(n),
            )
            for n in range(MAX_SENT_CODES)
        ),
        failures={f"{purpose}:{gate}:{name}": failures for purpose, gate in places for name in ALL},
        known_clients=(DIGEST,) * KNOWN_CLIENTS,
        notices=(
            Notice(
                event=token(0), template="method_suspended", at=MOMENT, method="authenticator_app",
                origin="2001:db8:1234::/48", sent=(DIGEST,) * 3,
            ),
        ),
        completion=token(0),
        completion_until=MOMENT,
        sign_in_failures=1_000_000,
        sign_in_closed_at=MOMENT,
        reminder_day="20260302",
        reminder=Reminder(day="20260302", at=MOMENT, nonce=token(0), sent=True),
        ring=tuple(token(n) for n in range(RING)),
    )  # fmt: skip


def test_a_full_row_of_the_longest_values_still_fits() -> None:
    """The row is one property, so it must fit even with every kind of entry at its bound."""
    row = a_full_row()
    bare = Person(account=ACCOUNT)
    places = ("methods", "pending", "attempts", "sent_codes", "failures", "ring", "known_clients", "removed", "notices")
    sizes = {name: characters(replace(bare, **{name: getattr(row, name)})) - characters(bare) for name in places}
    assert characters(row) <= PROPERTY_CHARACTERS, sizes


async def test_the_row_of_a_person_who_changes_an_address_all_day_still_fits() -> None:
    """Removed contacts have a bound too: thirty days of changes must not fill the row."""
    world = a_world(method_change_seconds=1800)
    await world.account("ada")
    count = 0
    for _ in range(8):
        session = await world.sign_in()
        for _ in range(10):
            count += 1
            with contextlib.suppress(Limited):  # each change needs another proof
                await world.register(session, "email", f"{count}{LONGEST_ADDRESS[3:]}")
            await world.deliver()
        world.clock.move(hours=1)
    row = world.row()
    assert characters(row) <= PROPERTY_CHARACTERS, f"{len(row.removed)} removed contacts"
