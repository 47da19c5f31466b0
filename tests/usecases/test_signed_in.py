"""What a signed-in person does with the password, and small use-cases for accounts and events."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.errors import OutcomeUnknown, PasswordRefused, Refused, SignInRequired
from shared.domain.password_rules import Rule
from shared.domain.trail import AuditEvent, Tag
from shared.ports.account_register import NameTaken
from shared.ports.directory import DirectoryUnknown, PasswordNotTaken
from shared.usecases.change_password import ChangePassword
from shared.usecases.check_password import CheckPassword
from shared.usecases.create_account import CreateAccount
from shared.usecases.record_events import RecordEvents
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, PHONE, a_world
from tests.fakes.clock import MONDAY_MORNING


async def test_a_changed_password_signs_in_and_renews_the_session() -> None:
    """Every other session ends, the notice is promised, and the old password is refused."""
    world = a_world()
    await world.ada()
    session, other = await world.sign_in(), await world.sign_in()
    world.clock.move(seconds=1)
    renewed, expires_at = await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)
    assert expires_at == world.clock.now() + timedelta(hours=1)
    await world.service.use(ViewRegistration)(renewed)
    for gone in (session, other):
        with pytest.raises(Refused):
            await world.service.use(ViewRegistration)(gone)
    with pytest.raises(Refused):
        await world.sign_in(password=PASSWORD)
    await world.sign_in(password=NEW_PASSWORD)
    assert [order.account for order in world.adapters.promised.taken()] == [world.key_of("ada")]


@pytest.mark.parametrize(
    "new", ["short", PASSWORD * 10, "password password password"], ids=["short", "too long", "a word repeated"]
)
async def test_a_changed_password_must_follow_the_rules(new: str) -> None:
    """The error names the broken rules, and the row is not changed."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    with pytest.raises(PasswordRefused) as refused:
        await world.service.use(ChangePassword)(session, PASSWORD, new, world.trail)
    assert refused.value.reasons
    assert refused.value.reset_token is None
    assert world.row().notices == ()


async def test_a_changed_password_that_the_directory_refuses_or_leaves_unknown() -> None:
    """Refused: nothing is changed. Unknown: the mark stays, and the person gets the notice."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    world.directory.answers = [PasswordNotTaken(["history"]), DirectoryUnknown()]
    with pytest.raises(PasswordRefused):
        await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)
    assert world.row().notices == ()
    with pytest.raises(OutcomeUnknown):
        await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)
    assert [notice.provisional for notice in world.row().notices] == [True]


@pytest.mark.parametrize(
    ("candidate", "accepted"),
    [
        pytest.param(NEW_PASSWORD, True, id="good"),
        pytest.param("short", False, id="short"),
        pytest.param("globex globex globex", False, id="the organisation's name"),
    ],
)
async def test_checking_a_password_returns_every_rule_and_stores_nothing(candidate: str, accepted: bool) -> None:
    """No row is read, and nothing is counted, stored or recorded."""
    world = a_world(context_words=("Globex",))
    results = await world.service.use(CheckPassword)(candidate, world.trail)
    assert all(result.passed is not False for result in results) is accepted
    assert [result.rule for result in results] == list(Rule)
    assert (world.people.reads, world.people.writes, world.trail.events) == (0, 0, [])
    assert not world.adapters.limiter.hits


@pytest.mark.parametrize(
    ("token", "passed"),
    [
        pytest.param("granted", (False, True), id="after the proof"),
        pytest.param("", (None, None), id="without a token"),
        pytest.param("x", (None, None), id="with another text"),
        pytest.param("expired", (None, None), id="too late"),
        pytest.param("forged", (None, None), id="a token that the row does not confirm"),
    ],
)
async def test_the_rule_on_names_is_judged_once_the_proof_is_complete(
    token: str, passed: tuple[bool | None, bool | None]
) -> None:
    """Before, and for whoever has only a token, it is not known, and the directory is not asked (rules 5, 24)."""
    world = a_world()
    await world.account("jolanta.grzegorzewska", email=EMAIL, mobile_phone=PHONE)
    text = await world.prove("jolanta.grzegorzewska") if token in {"granted", "expired"} else token
    if token == "forged":
        text = world.seal(replace(world.grant(await world.prove("jolanta.grzegorzewska")), verification="other"))
    if token == "expired":
        world.clock.move(minutes=10)
    check = world.service.use(CheckPassword)
    told = [
        {result.rule: result.passed for result in await check(candidate, world.trail, token=text or None)}
        for candidate in ("Jolanta.Grzegorzewska1!", NEW_PASSWORD)
    ]
    assert tuple(results[Rule.CONTEXT] for results in told) == passed


async def test_a_new_account_is_found_by_its_unique_name() -> None:
    """So the first reset finds it. Its audit event is recorded at once, because no function runs."""
    world = a_world()
    account = await world.service.use(CreateAccount)("ada", PASSWORD, roles=frozenset({"administrator"}))
    assert account.is_privileged
    assert world.key_of("ada") == world.adapters.keyring.account_key(account.object_id)
    with pytest.raises(NameTaken):
        await world.service.use(CreateAccount)("ada", PASSWORD)
    (event,) = world.adapters.audit_log.events
    assert (event.tag, event.account, event.cause) == (Tag.ACCOUNT_CREATED, world.key_of("ada"), "privileged")


async def test_an_event_is_recorded_once_for_each_message() -> None:
    """Also if the queue delivers the message several times."""
    world = a_world()
    event = AuditEvent(tag=Tag.RESET_STARTED, at=MONDAY_MORNING)
    for record_id in ("one", "one", "two"):
        await world.service.use(RecordEvents)([event], record_id=record_id)
    assert len(world.adapters.audit_log.events) == 2


@pytest.mark.parametrize("guess", [NEW_PASSWORD, "something else entirely"], ids=["right", "wrong"])
async def test_an_ended_session_learns_nothing_about_the_password(guess: str) -> None:
    """For a right and for a wrong password the answer is the same: sign in."""
    world = a_world()
    await world.ada()
    ended = await world.sign_in()
    world.clock.move(seconds=1)
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    with pytest.raises(SignInRequired):
        await world.service.use(ChangePassword)(ended, guess, NEW_PASSWORD + " again", world.trail)
