"""Rule 1: each kind of entry on the row has a bound and its own space, and a full row can still be written.

Long: the fullest row has an entry of every kind.
"""

import json
from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest

from shared.adapters.azure_tables.people import ROW_LIMIT
from shared.domain.account import AccountKey, ObjectId
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.daily_events import Event
from shared.domain.errors import AnswerRefused
from shared.domain.imports import LONGEST_BASIS
from shared.domain.judgement import failed
from shared.domain.person import (
    KNOWN_CLIENTS,
    MAX_ATTEMPTS,
    MAX_CHANGES,
    MAX_COMPLETIONS,
    MAX_NOTICES,
    MAX_RECENT,
    MAX_REMOVED,
    MAX_SENT_CODES,
    RING,
    SHORT,
    Activation,
    ActivationRequest,
    Asked,
    Change,
    Completion,
    CompletionState,
    Evidence,
    EvidenceClass,
    Expiry,
    Failures,
    Freeze,
    MethodState,
    Notice,
    Offer,
    PendingMethod,
    Person,
    Provenance,
    Purpose,
    RegisteredMethod,
    Reminder,
    RemovedContact,
    Renewal,
    Sealed,
    Snooze,
    Source,
)
from shared.domain.sent_codes import FOR_THE_OWNER, with_sent_code
from shared.methods import ALL, SentCodeMethod
from shared.methods.passkey import KEY_BYTES
from shared.usecases._sealing import Sealing
from shared.usecases.verify import Granted
from shared.validation.records import encode
from tests.attacks.no_limits import MANY_STARTS, STRANGER
from tests.builders import (
    CLIENT,
    EMAIL,
    NEW_PASSWORD,
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
from tests.fakes.people import MemoryPeople

POLICY = a_policy()
MANY_SENDS = {f"sends_per_destination_{window}": 20 for window in ("10min", "hour", "day")}


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

MOMENT, DIGEST = MONDAY_MORNING + timedelta(microseconds=123_456), "d" * 52
LONGEST_ADDRESS = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'e' * 50}.example"
SALT, HASH, OWN = "9999$m=19456,t=2,p=1$" + "A" * 22, "A" * 22, [f"own_{n}{'q' * 23}" for n in range(5)]
LONGEST_SECRETS = {
    "authenticator_app": json.dumps({"secret": "A" * 32, "last_step": 99999999}),
    "passkey": json.dumps(
        {"id": "A" * 340, "key": "A" * 4 * (KEY_BYTES // 3), "count": 2**32 - 1, "synced": False, "spent": "A" * 43}
    ),
    "recovery_code": json.dumps({"salt": SALT, "hashes": [HASH] * 11}),
    "security_questions": json.dumps({"salt": SALT, "draw": 99999999, "answers": dict.fromkeys(OWN, HASH)}),
}
KEYRING = a_keyring()
WORDS = "\U0001f4f1" * LONGEST_BASIS
PROVENANCE = Provenance(import_id=f"20260302-{'i' * 22}", basis=WORDS, attested_by=WORDS)
ACCOUNT = KEYRING.account_key(ObjectId("object"))


def token(number: int) -> str:
    return f"{number:022}"


def characters(person: Person) -> int:
    """Return the length as the storage service counts it: in UTF-16 units."""
    return len(encode(person).encode("utf-16-le")) // 2


def all_sealed(account: AccountKey) -> list[Sealed]:
    """Return every method of this build, each as often as a person may have it, with the longest values."""
    found, sealing = [], Sealing(KEYRING)
    for method in ALL.values():
        if isinstance(method, SentCodeMethod):
            longest = LONGEST_ADDRESS if method.name == "email" else f"+33987654321{len(found):04}"
            found.append(sealing.contact(account, method, method.stored(longest)))
        else:
            secret = LONGEST_SECRETS[method.name]
            found += [sealing.secret(account, method, secret, token(n)) for n in range(method.most)]
    return found


def a_full_row(account: AccountKey = ACCOUNT, *, over: int = 1, at: datetime = MOMENT) -> Person:
    """Return a row with `over` times as many entries as there are places, of the longest values."""
    sealed = all_sealed(account)
    labels = ("\U0001f4f1" * 40, "\u00e9\u00e8\u00e0\u00e7" * 10, '"' * 40)
    methods = tuple(
        RegisteredMethod(
            sealed=one, state=MethodState.CONFIRMED, source=Source.ADMINISTRATOR, set_at=at,
            label=labels[n % len(labels)] if one.credential else "", confirmed_at=at, suspect_at=at,
            suspect_reason="unreachable", reached_at=at, renewal=Renewal(at=at, days=90),
            provenance=None if one.credential else PROVENANCE,
            offer=None if one.credential else Offer(sealed=one, at=at, provenance=PROVENANCE),
        )
        for n, one in enumerate(sealed)
    )  # fmt: skip
    tried = [
        an_attempt_id(purpose=Purpose.REGISTRATION, verification=token(n), gate=0, method="authenticator_app")
        for n in range(over * MAX_ATTEMPTS)
    ]
    pending = [
        PendingMethod(
            sealed=next(one for one in sealed if one.method == name), source=Source.ADMINISTRATOR,
            attempt=replace(tried[0], method=name), expires_at=at, nonce=token(0), label=labels[0], replaces=token(1),
            code=a_code_id(send=5, channel="email"), code_key=9999, sent_at=at, opening=token(2),
        )
        for name in ALL
    ]  # fmt: skip
    evidence = Evidence(kind=EvidenceClass.PHONE_LINE, destination=DIGEST)
    failures = Failures(since=at, count=20, reserved=5, consecutive=99, suspended_until=at)
    notice = Notice(
        event="", template="password_maybe_changed", at=at, method="authenticator_app", verification=token(0),
        origin="2001:db8:1234:5678::/64", provisional=True, attempts=99, sent=("d" * SHORT,) * (MAX_REMOVED + 2),
    )  # fmt: skip
    completion = Completion(
        spent="", version=token(0), mac="m" * 43, at=at, leaves_at=at, state=CompletionState.UNDER_WAY, repeats=10
    )
    return Person(
        account=account,
        object_id=ObjectId("o" * 36),
        privileged=True,
        version=token(0),
        session_version=token(0),
        password_stamp="s" * 64,
        language="en",
        methods=methods,
        pending=tuple(pending * over),
        removed=tuple(
            RemovedContact(
                sealed=replace(sealed[0], evidence=replace(evidence, destination=f"{n:052}")), removed_at=at, since=at,
                label=labels[0] if n < len(ALL) else "",
            )
            for n in range(over * MAX_REMOVED)
        ),
        changes=tuple(
            Change(
                event=token(n), at=at, method="authenticator_app", gone="d" * SHORT, new="d" * SHORT
            )
            for n in range(over * MAX_CHANGES)
        ),
        frozen_at=at,
        freeze=Freeze(by=ObjectId("o" * 36), reason="é" * 160),
        emptied=True,
        lost_at=at,
        activation_request=ActivationRequest(serial=token(0), asked_by=ObjectId("o" * 36), reason="é" * 160, at=at),
        activation=Activation(serial=token(0), mac=DIGEST, expires_at=at, approved=True, rests=True, spent_by="x" * 22),
        attempts=tuple(
            an_attempt(id=of, leaves_at=at, tries=9, passed=evidence, nonce=token(n)) for n, of in enumerate(tried)
        ),
        sent_codes=tuple(
            a_sent_code(
                id=replace(a_code_id(send=5, channel="sms"), attempt=tried[n]), code_key=9999, destination=DIGEST,
                claimed_at=at, leaves_at=at, nonce=token(n),
            )
            for n in range(over * MAX_SENT_CODES)
        ),
        decoys=tuple(
            a_sent_code(
                id=replace(a_code_id(send=5, channel="sms"), attempt=tried[n]), code_key=9999, destination=DIGEST,
                claimed_at=at, leaves_at=at, nonce=token(n),
            )
            for n in range(over * MAX_SENT_CODES)
        ),
        failures={
            f"{purpose}:{gate}:{name}": failures
            for purpose, gate in (("registration", 0), *(("reset", n + 1) for n in range(2 * over)))
            for name in ALL
        },
        known_clients=(DIGEST,) * over * KNOWN_CLIENTS,
        notices=tuple(replace(notice, event=token(n)) for n in range(over * MAX_NOTICES)),
        erased_at=at - timedelta(days=9),
        recent={event.value: (at - timedelta(days=9),) * over * MAX_RECENT for event in Event},
        completion="",
        completions=tuple(replace(completion, spent=token(n)) for n in range(over * MAX_COMPLETIONS)),
        sign_in_failures=1_000_000,
        sign_in_closed_at=at,
        unproved_at=at,
        reminder_day="20260302",
        reminder=Reminder(day="20260302", at=at, nonce=token(0), sent=True),
        snooze=Snooze(of=at, until=at, count=12),
        expiry=Expiry(at=at, entry="2026030208", told_at=at, claim=Reminder(day="2026030208", at=at, nonce=token(0))),
        time_zone="America/Argentina/ComodRivadavia",
        asked=Asked(status="must_reconfirm", since=at),
        ring=tuple(token(n) for n in range(over * RING)),
    )  # fmt: skip


@pytest.mark.parametrize("over", [1, 9], ids=["full", "over-full"])
def test_the_fullest_row_fits(over: int) -> None:
    """Every list at its bound, or far above it as an earlier build may have left it, with the longest values."""
    full, bare = a_full_row(over=over), Person(account=ACCOUNT)
    longest = max(all_sealed(ACCOUNT), key=lambda sealed: len(sealed.text))
    secrets = (replace(old, sealed=replace(longest, evidence=old.sealed.evidence)) for old in full.removed)
    row = replace(full, removed=tuple(replace(old, label=full.removed[0].label) for old in secrets)).within_places()
    lists = [name.name for name in fields(Person) if isinstance(getattr(row, name.name), tuple | dict)]
    sizes = {name: characters(replace(bare, **{name: getattr(row, name)})) - characters(bare) for name in lists}
    assert characters(row) <= ROW_LIMIT, sizes
    assert row.within_places() == row


def test_notices_of_what_strangers_cause_make_room_for_the_others() -> None:
    """The oldest suspension goes first, then the oldest of the rest."""
    row = a_full_row()
    suspended = replace(row.notices[0], event="suspended", template="method_suspended")
    earlier, later = replace(suspended, event="earlier", at=MOMENT - timedelta(days=9)), replace(suspended, event="l")
    oldest = replace(row.notices[0], event="oldest", at=MOMENT - timedelta(hours=1))
    kept = replace(row, notices=(later, earlier, oldest, *row.notices[2:])).within_places()
    assert [notice.event for notice in kept.notices[:2]] == ["l", "oldest"]
    kept = replace(row, notices=(later, earlier, oldest, *row.notices)).within_places()
    assert kept.notices == row.notices


class StrictPeople(MemoryPeople):
    """Refuses what the table would refuse."""

    def put(self, person: Person) -> None:
        assert characters(person) <= ROW_LIMIT
        super().put(person)


async def test_a_full_row_is_reset_told_and_cleaned() -> None:
    """The owner resets the password of an over-full row. The notices are told to everybody, and the row is clean."""
    world = a_world(passwords_per_account_day=6, **MANY_STARTS)
    world.people = world.adapters.people = StrictPeople()
    world.forget_what_was_built()
    key = await world.account("ada")
    planted = a_full_row(key, over=9, at=world.clock.now() - timedelta(minutes=1))
    of = world.row()
    world.people.rows[key] = (
        replace(planted, frozen_at=None, object_id=of.object_id, password_stamp=of.password_stamp),
        1,
    )
    await world.complete(await world.prove())
    await world.sign_in(password=NEW_PASSWORD)
    told = len(world.messages())
    for _ in range(3):
        world.clock.move(minutes=3)
        await world.tell()
    row = world.row()
    assert (row.notices, len(row.removed), row.erased_at) == ((), MAX_REMOVED, None)
    assert len(world.messages()) - told >= MAX_NOTICES * 2
    assert len(row.completions) <= 2
    assert world.adapters.promised.promises == []


async def test_strangers_leave_places_for_the_codes_of_the_owner() -> None:
    """With limits that allow it they fill the claims of a row, except those for a known client (rule 1)."""
    world = a_world(**MANY_STARTS, **MANY_SENDS)
    await world.ada(known_clients=(world.adapters.keyring.client_key(CLIENT),))
    for _ in range(MAX_SENT_CODES + 1):
        await world.challenge(await world.start(client=STRANGER), client=STRANGER)
    assert len(world.row().sent_codes) == MAX_SENT_CODES - FOR_THE_OWNER
    await world.complete(await world.prove())


async def test_the_row_of_a_person_who_changes_an_address_all_day_still_fits() -> None:
    """Removed contacts have a bound too: thirty days of changes must not fill the row."""
    world = a_world(method_change_seconds=1800, sends_per_registration_hour=100, **MANY_SENDS)
    await world.account("ada")
    for day in range(3):
        session = await world.sign_in()
        for n in range(world.policy.method_changes_per_account_day):
            await world.register(session, "email", f"{day}{n}{LONGEST_ADDRESS[2:]}")
        world.clock.move(days=1)
    assert len(world.row().removed) == MAX_REMOVED
