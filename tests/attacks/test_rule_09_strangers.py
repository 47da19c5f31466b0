"""Rule 9: what a stranger can see depends only on the verification, the typed name and the client."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any, ClassVar, cast, get_type_hints

import pytest

from shared.adapters.directories import REGISTERED
from shared.adapters.keyring import SealedKeyring
from shared.domain.errors import AnswerRefused, InvalidInput, Limited, NotFound, NoTriesLeft
from shared.domain.person import Failures
from shared.ports.directory import Capability, DirectoryLost
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.start_verification import StartVerification
from shared.usecases.verify import NextGate
from shared.validation.records import ORDER_BYTES, encode_order
from tests.attacks.authenticator import APP, an_app
from tests.builders import EMAIL, PHONE, World, a_world, at, prefilled, wrong
from tests.fakes.keys import a_keyring

NAMES = ("ada", "disabled", "prefilled", "resting", "suspended", "unknown", "unregistered")
METHODS = ("email", "mobile_phone", APP)
WRONG = {"email": "11111111", "mobile_phone": "11111111", APP: "111111"}
OPEN = {
    "verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000,
}  # fmt: skip


async def everybody(**knobs: int) -> World:
    """Return a world with one account of each kind. Those with methods have an address, a phone and an app."""
    world = a_world(**{**OPEN, "new_method_rest_hours": 0, **knobs})
    await world.ada()
    for n, name in enumerate(("disabled", "resting", "suspended"), start=2):
        await world.account(name, email=f"{name}@mail.example", mobile_phone=f"+3363998000{n}")
    for name in ("ada", "disabled", "resting", "suspended"):
        await an_app(world, name)
    await world.directory.set_enabled("disabled", enabled=False)
    await world.account("unregistered")
    key = await world.account("prefilled")
    methods = (prefilled("email", "p@mail.example", key), prefilled("mobile_phone", "+33639980009", key))
    world.people.put(replace(world.row("prefilled"), methods=methods))
    for n in range(2):
        token = await world.challenge(await world.start("suspended", client=f"198.51.100.{n}"))
        for _ in range(5):
            with pytest.raises(AnswerRefused):
                await world.answer(token, wrong(world.code()))
    failures = world.row("suspended").failures["reset:1:email"]
    assert failures.suspended_until is not None
    suspended = {f"reset:1:{method}": failures for method in METHODS}
    world.people.put(replace(world.row("suspended"), failures=suspended))
    world.orders.clear()
    world.trail.events.clear()
    world.clock.move(days=1, seconds=-200)  # the limits on names and clients start again; the suspension has not ended
    resting = tuple(replace(method, usable_from=at(days=9)) for method in world.row("resting").methods)
    world.people.put(replace(world.row("resting"), methods=resting))
    return world


@pytest.mark.parametrize("method", METHODS)
async def test_every_step_gives_every_account_the_same_answer(method: str) -> None:
    """Same token length, methods, waits, tries, limits, order size and number of events."""
    world, seen = await everybody(), {}
    for n, name in enumerate(NAMES):
        client = f"203.0.113.{n}"
        start, methods = await world.service.use(StartVerification)(name, client, world.trail)
        options = {"channel": None, "contact": None, "client": client, "language": "en"}
        issued = await world.service.use(IssueChallenge)(start, method, world.trail, **options)
        sizes = [len(encode_order(order)) for order in world.orders]
        assert sizes == ([] if method == APP else [ORDER_BYTES])
        await world.deliver()
        events, token, refusals = len(world.trail.events), issued.verification_token, []
        for _ in range(7):
            with pytest.raises(AnswerRefused) as refused:
                await world.answer(token, WRONG[method], client=client)
            token = refused.value.verification_token or ""
            refusals.append((type(refused.value), str(refused.value), refused.value.tries_left, len(token)))
        again: object = None
        try:
            again = (await world.service.use(IssueChallenge)(token, method, world.trail, **options)).wait
        except Limited as limited:
            again = limited.retry_after
        made = len(world.trail.events) - events
        seen[name] = (len(start), methods, len(issued.verification_token), issued.wait, issued.shown, refusals)
        seen[name] += (again, made, sizes)
        world.orders.clear()
    assert set(map(str, seen.values())) == {str(seen["unknown"])}
    assert [tries for _, _, tries, _ in seen["unknown"][5]] == [4, 3, 2, 1, 0, 0, 0]
    assert seen["unknown"][5][4][0] is NoTriesLeft


class CountingKeyring(SealedKeyring):
    """Counts the costly operations: sealing or opening, digests and code keys."""

    calls: ClassVar[Counter[str]] = Counter()

    def seal(self, *args: Any, **kwargs: Any) -> str:
        self.calls["cipher"] += 1
        return super().seal(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> str:
        self.calls["cipher"] += 1
        return super().open(*args, **kwargs)

    def digest(self, *args: str) -> str:
        self.calls["digest"] += 1
        return super().digest(*args)

    def code_key(self, version: int) -> bytes:
        self.calls["code_key"] += 1
        return super().code_key(version)


@pytest.mark.parametrize("method", METHODS)
async def test_a_wrong_answer_costs_the_same_work_for_every_account(method: str) -> None:
    """The same number of seals, digests and code keys, so that time tells nothing."""
    world, seen = await everybody(), {}
    plain = a_keyring()
    world.adapters.keyring = CountingKeyring(plain.index_key, plain.code_keys, plain.seal_keys, plain.directory_id)
    world.forget_what_was_built()
    for name in NAMES:
        token = await world.challenge(await world.start(name), method)
        CountingKeyring.calls.clear()
        with pytest.raises(AnswerRefused):
            await world.answer(token, WRONG[method])
        seen[name] = dict(CountingKeyring.calls)
    assert seen == dict.fromkeys(NAMES, seen["unknown"])
    assert seen["unknown"]


async def test_the_limits_on_a_name_are_the_same_if_it_does_not_exist() -> None:
    """The sixth start from one client needs the bot check, of one form for every name; then five more, and a wait."""
    world = await everybody()
    seen = []
    for n, name in enumerate(NAMES):
        client, asked = f"203.0.113.{n}", []
        for _ in range(5):
            assert await world.check(name, client=client) == ""
        for _ in range(5):
            asked.append(await world.check(name, client=client))
            await world.start(name, client=client, solution=asked[-1])
        with pytest.raises(Limited) as limited:
            await world.start(name, client=client, solution=await world.check(name, client=client))
        seen.append((limited.value.retry_after, {len(solution) for solution in asked}))
    waits, sizes = zip(*seen, strict=True)
    assert (set(waits), max(max(s) for s in sizes) - min(min(s) for s in sizes) < 40) == ({3600}, True)


@pytest.mark.parametrize("name", NAMES)
async def test_a_challenge_that_comes_too_early_does_not_read_the_row(name: str) -> None:
    """It can be repeated without a limit, so the time of a read would tell how much is registered."""
    world = await everybody()
    token = await world.challenge(await world.start(name), "email")
    reads = world.people.reads
    with pytest.raises(Limited):
        await world.ask(token, "email")
    assert world.people.reads == reads


async def test_a_code_over_the_limit_of_its_destination_is_dropped_silently() -> None:
    """The fourth code to one address in ten minutes has the same answer and wait, and is not sent."""
    world = a_world(**OPEN)
    await world.ada()
    answers = set()
    for n in range(5):
        start = await world.start(client=f"203.0.113.{n}")
        issued = await world.service.use(IssueChallenge)(
            start, "email", world.trail, channel=None, contact=None, client=f"203.0.113.{n}", language="en"
        )
        await world.deliver()
        answers.add((len(issued.verification_token), issued.wait))
    assert len(answers) == 1
    assert world.adapters.email.attempts == 3
    assert "limited" in world.causes()


async def test_a_code_for_a_contact_that_does_not_match_is_dropped_silently() -> None:
    """A typed contact is only compared: the same answer, no claim, and nothing is sent to either contact."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start(), contact="mallory@evil.example")
    assert world.adapters.email.attempts == 0
    assert world.row().sent_codes == ()
    with pytest.raises(AnswerRefused):
        await world.answer(token, "11111111")
    await world.challenge(await world.start(), contact=EMAIL.upper())
    assert [message.to for message in world.adapters.email.messages] == [EMAIL]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda row: replace(row, version="B" * 22), id="account_changed"),
        pytest.param(lambda row: replace(row, methods=()), id="methods_gone"),
        pytest.param(
            lambda row: replace(row, failures={"reset:1:email": Failures(since=at(), consecutive=100)}), id="closed"
        ),
    ],
)
async def test_a_right_answer_that_no_longer_counts_is_refused_like_a_wrong_one(change: Callable[[Any], Any]) -> None:
    """The answer does not tell why: same refusal, tries and event."""
    refusals = []
    for is_right in (True, False):
        world = a_world()
        await world.ada()
        token = await world.challenge(await world.start())
        world.people.put(change(world.row()))
        with pytest.raises(AnswerRefused) as refused:
            await world.answer(token, world.code() if is_right else wrong(world.code()))
        refusals.append((str(refused.value), refused.value.tries_left, world.trail.events[-1]))
    assert refusals[0] == refusals[1]


class Unreachable:
    """A directory of that kind which says what it can do, and counts and fails whatever it is asked."""

    def __init__(self, kind: type[Any]) -> None:
        self.capabilities, self.calls = kind.capabilities, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        async def lost(*_: Any, **__: Any) -> Any:
            self.calls[name] += 1
            raise DirectoryLost

        return lost


@pytest.mark.parametrize("directory", REGISTERED)
async def test_no_directory_is_asked_before_the_end_and_none_shows(directory: str) -> None:
    """Start, challenge, delivery and verify never call it (D7), and every account looks the same with each of them."""
    world, module = await everybody(), import_module(REGISTERED[directory].module)
    unreachable = Unreachable(get_type_hints(module.directory)["return"])
    world.adapters.directory = cast("Any", unreachable)
    world.forget_what_was_built()
    seen = {}
    for n, name in enumerate(NAMES):
        start, methods = await world.service.use(StartVerification)(name, f"203.0.113.{n}", world.trail)
        before = (world.people.reads, world.adapters.limiter.hits.total(), len(world.trail.events))
        token = await world.challenge(start, "mobile_phone", client=f"203.0.113.{n}")
        with pytest.raises(AnswerRefused) as refused:
            await world.answer(token, "11111111", client=f"203.0.113.{n}")
        after = (world.people.reads, world.adapters.limiter.hits.total(), len(world.trail.events))
        made = [now - then for then, now in zip(before, after, strict=True)]
        seen[name] = (methods, len(start), len(token), str(refused.value), refused.value.tries_left, made)
    assert seen == dict.fromkeys(NAMES, seen["unknown"])
    assert not unreachable.calls
    checks = Capability.CHECK_PASSWORD in unreachable.capabilities
    with pytest.raises(DirectoryLost if checks else NotFound):
        await world.sign_in()
    assert bool(unreachable.calls) is checks, "and it would have been counted"


@pytest.mark.parametrize("name", ["ada", "unknown"])
@pytest.mark.parametrize(
    ("method", "options"),
    [
        pytest.param("office_phone", {}, id="method_not_offered"),
        pytest.param("telepathy", {}, id="no_such_method"),
        pytest.param("email", {"channel": "sms"}, id="channel_of_another_method"),
        pytest.param(APP, {"channel": "email"}, id="channel_where_nothing_is_sent"),
        pytest.param(APP, {"contact": EMAIL}, id="contact_where_nothing_is_sent"),
    ],
)
async def test_a_method_or_channel_that_is_not_offered_is_bad_input_for_everybody(
    name: str, method: str, options: dict[str, str]
) -> None:
    """For a registered person and for a stranger alike."""
    world = await everybody()
    with pytest.raises(InvalidInput):
        await world.ask(await world.start(name), method, **options)


async def test_hints_come_only_after_the_first_gate_and_are_masked() -> None:
    """`reset/start` gives the policy's list. Hints for the second gate show a few characters only (D8)."""
    world = a_world()
    await world.ada()
    outcome = await world.pass_gate(await world.start(), "email")
    assert isinstance(outcome, NextGate)
    assert set(outcome.hints) == {"mobile_phone"}
    assert PHONE not in str(outcome)
    assert PHONE[-4:] not in str(outcome.hints)
