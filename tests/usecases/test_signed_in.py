"""What a signed-in person sees and does: the view, the password, and the live rules."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.audit import AuditEvent, Tag
from shared.domain.errors import OutcomeUnknown, PasswordRefused, Refused, SignInRequired
from shared.domain.message import NoticeOrder
from shared.ports.account_register import NameTaken
from shared.ports.directory import DirectoryUnknown, PasswordNotTaken
from shared.usecases.change_password import ChangePassword
from shared.usecases.check_password import CheckPassword
from shared.usecases.create_account import CreateAccount
from shared.usecases.purge import Purge
from shared.usecases.record_event import RecordEvent
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, PHONE, a_method, a_world, at, prefilled
from tests.fakes.clock import MONDAY_MORNING


async def test_the_view_shows_each_method_as_it_stands() -> None:
    """In the order of the pages, contacts in full to their owner, a pending one in place of the prefilled."""
    world = a_world()
    key = await world.account("ada", email=EMAIL)
    row = world.row()
    waiting = (prefilled("mobile_phone", PHONE, key), prefilled("office_phone", "+33155501234", key))
    world.people.put(replace(row, methods=(*waiting, *row.methods)))
    session = await world.sign_in()
    view = await world.service.use(ViewRegistration)(session)
    assert [(m.method, m.contact, m.state) for m in view.methods] == [
        ("email", EMAIL, "confirmed"),
        ("mobile_phone", PHONE, "prefilled"),
        ("office_phone", "+33155501234", "prefilled"),
    ]
    assert (view.missing, view.offered, view.roles) == (("mobile_phone",), ("email", "mobile_phone"), ())
    await world.begin(session, "mobile_phone", "+33639980055")
    await world.begin(session, "email", "new@mail.example")
    view = await world.service.use(ViewRegistration)(session)
    assert [(m.contact, m.state) for m in view.methods][:2] == [(EMAIL, "confirmed"), ("+33639980055", "pending")]
    world.clock.move(minutes=15)
    view = await world.service.use(ViewRegistration)(session)
    assert [m.state for m in view.methods] == ["confirmed", "prefilled", "prefilled"]


async def test_the_view_says_until_when_a_method_rests() -> None:
    """And no longer once it does not."""
    world = a_world()
    key = await world.account("ada")
    world.people.put(replace(world.row(), methods=(a_method("email", EMAIL, key, usable_from=at(hours=1)),)))
    view = await world.service.use(ViewRegistration)(await world.sign_in())
    assert view.methods[0].usable_from == at(hours=1)
    world.clock.move(hours=1)
    view = await world.service.use(ViewRegistration)(await world.sign_in())
    assert view.methods[0].usable_from is None


async def test_a_changed_password_signs_in_and_renews_the_session() -> None:
    """Every other session ends, the notice is ordered and promised, the old password is gone."""
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
    assert world.trail.orders == [NoticeOrder(account=world.key_of("ada"))]
    assert len(world.adapters.promised.promises) == 1


@pytest.mark.parametrize("new", ["short", PASSWORD * 10, "password password password"])
async def test_a_new_password_follows_the_rules(new: str) -> None:
    """Refused with the rules by name, before the row is touched."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    with pytest.raises(PasswordRefused) as refused:
        await world.service.use(ChangePassword)(session, PASSWORD, new, world.trail)
    assert refused.value.reasons
    assert refused.value.reset_token is None
    assert world.row().notices == ()


async def test_a_directory_that_refuses_or_does_not_say() -> None:
    """Refused: nothing happened. Unknown: the mark stays, and the person will hear."""
    world = a_world()
    await world.ada()
    session = await world.sign_in()
    world.directory.answers = [PasswordNotTaken(["history"]), DirectoryUnknown()]
    with pytest.raises(PasswordRefused):
        await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)
    assert (world.row().notices, world.row().password_epoch) == ((), None)
    with pytest.raises(OutcomeUnknown):
        await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)
    assert [notice.provisional for notice in world.row().notices] == [True]


async def test_the_live_rules_tell_every_rule_and_leave_nothing() -> None:
    """No row is read, nothing is counted, stored or recorded."""
    world = a_world(context_words=("Globex",))
    for candidate, accepted in ((NEW_PASSWORD, True), ("short", False), ("globex globex globex", False)):
        results = await world.service.use(CheckPassword)(candidate)
        assert all(result.passed for result in results) is accepted
        assert len({result.rule for result in results}) == len(results)
    assert (world.people.reads, world.people.writes, world.trail.events) == (0, 0, [])
    assert not world.adapters.limiter.hits


async def test_an_account_is_made_with_its_names() -> None:
    """So that the first reset finds it; a name is taken once."""
    world = a_world()
    account = await world.service.use(CreateAccount)("ada", PASSWORD, roles=frozenset({"administrator"}))
    assert account.is_privileged
    assert world.key_of("ada") == world.adapters.keyring.account_key(account.object_id)
    with pytest.raises(NameTaken):
        await world.service.use(CreateAccount)("ada", PASSWORD)


async def test_an_event_is_recorded_once_for_each_delivery() -> None:
    """However often the queue hands it over."""
    world = a_world()
    event = AuditEvent(tag=Tag.RESET_STARTED, at=MONDAY_MORNING)
    for delivery in ("one", "one", "two"):
        await world.service.use(RecordEvent)(event, delivery=delivery)
    assert len(world.adapters.audit_log.events) == 2


async def test_the_purge_asks_every_store_and_adds_up() -> None:
    """Strangers' rows, counters and old events."""
    world = a_world()
    await world.ada()
    await world.challenge(await world.start("nobody"))
    await world.service.use(RecordEvent)(AuditEvent(tag=Tag.RESET_STARTED, at=MONDAY_MORNING), delivery="one")
    counters = len(world.adapters.limiter.windows)
    world.clock.move(days=400)
    assert await world.service.use(Purge)() == 1 + counters + 1
    assert world.row().methods
    assert await world.service.use(Purge)() == 0


async def test_an_ended_session_learns_nothing_about_the_password() -> None:
    """Right or wrong, the answer is the same: sign in."""
    world = a_world()
    await world.ada()
    ended = await world.sign_in()
    world.clock.move(seconds=1)
    await world.service.use(ChangePassword)(await world.sign_in(), PASSWORD, NEW_PASSWORD, world.trail)
    for guess in (NEW_PASSWORD, "something else entirely"):
        with pytest.raises(SignInRequired):
            await world.service.use(ChangePassword)(ended, guess, NEW_PASSWORD + " again", world.trail)
