"""A notice that no provider took is promised again, for a day."""

from datetime import timedelta

from shared.domain.account import AccountKey
from shared.domain.person import Notice, Person
from shared.domain.trail import NoticeOrder
from shared.ports.promised_notices import SOON
from shared.usecases.tell_later import AGAIN_AFTER, GIVEN_UP_AFTER, TellLater
from tests.fakes.clock import FixedClock
from tests.fakes.people import MemoryPeople
from tests.fakes.promised_notices import MemoryPromisedNotices

KEY = AccountKey("account")


async def untold(clock: FixedClock, age: timedelta) -> tuple[TellLater, MemoryPromisedNotices]:
    people, promised = MemoryPeople(), MemoryPromisedNotices(clock)
    notice = Notice(event="event", template="password_changed", at=clock.now() - age)
    await people.write(Person(account=KEY, notices=(notice,)), None)
    return TellLater(people, promised, clock), promised


async def test_a_notice_still_on_the_row_is_promised_again(clock: FixedClock) -> None:
    """After some minutes, so that a provider can recover."""
    tell_later, promised = await untold(clock, timedelta(minutes=1))
    assert await tell_later(NoticeOrder(account=KEY))
    clock.at += SOON
    assert promised.appeared() == []
    clock.at += AGAIN_AFTER
    assert promised.appeared() == [KEY]


async def test_a_notice_is_given_up_after_a_day(clock: FixedClock) -> None:
    """After that it is not promised again."""
    tell_later, promised = await untold(clock, GIVEN_UP_AFTER)
    assert not await tell_later(NoticeOrder(account=KEY))
    clock.at += AGAIN_AFTER
    assert promised.appeared() == []
