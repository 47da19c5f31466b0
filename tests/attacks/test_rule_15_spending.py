"""Rule 15: everything that costs money is counted, and all spellings of a mailbox share its budget."""

import pytest

from shared.domain.contact import EmailAddress
from shared.domain.limits import CODES
from shared.domain.person import Notice
from shared.domain.trail import NoticeOrder, ReminderOrder
from shared.usecases._limits import Limits
from shared.usecases._outgoing import Spending
from tests.attacks.no_limits import MANY_STARTS
from tests.builders import PHONE, World, a_world, at


def texts(world: World) -> int:
    """Return how many text messages the installation has counted."""
    key = world.adapters.keyring.digest("by-phone")
    return sum(count for (of, _), count in world.adapters.tally.totals.items() if of == key)


async def test_notices_and_reminders_by_text_message_count_for_the_spending_limits() -> None:
    """A notice is sent all the same. Codes and reminders stop at the limit, and the reminder is tried the next day."""
    world = a_world(sends_by_phone_day=1)
    key = await world.account("ada", mobile_phone=PHONE, reminder_day="20260101")
    for event in ("one", "two"):
        world.people.put(world.row().with_notice(Notice(event=event, template="method_changed", at=at())))
    await world.deliver(NoticeOrder(account=key))
    assert (len(world.adapters.sms.messages), texts(world)) == (2, 1)
    world.clock.move(days=world.policy.reconfirm_days)
    world.adapters.tally.totals.clear()
    await world.service.use(Spending).allows(key, world.row().methods[0].sealed)
    order = ReminderOrder(account=key, day="20260101")
    await world.deliver(order)
    assert (world.causes()[-1], len(world.adapters.sms.messages)) == ("limited", 2)
    await world.challenge(await world.start(), "mobile_phone")
    assert world.causes()[-1] == "spending_limited"
    world.clock.move(days=1)
    await world.deliver(order)
    assert (world.causes()[-1], len(world.adapters.sms.messages), texts(world)) == ("sent", 3, 2)


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Ada@mail.example", "ada@mail.example"),
        ("ada+bank@mail.example", "ada@mail.example"),
        ("ada+a+b@mail.example", "ada@mail.example"),
        ("a.d.a@mail.example", "a.d.a@mail.example"),
        ("a.d.a+x@gmail.com", "ada@gmail.com"),
        ("a.da@GoogleMail.com", "ada@googlemail.com"),
        ("+only@mail.example", "+only@mail.example"),
    ],
)
def test_the_mailbox_of_an_address(address: str, mailbox: str) -> None:
    """Cut at the plus; without dots only where the provider ignores them."""
    assert EmailAddress(address).mailbox(("gmail.com", "googlemail.com")) == mailbox


async def test_all_spellings_of_a_mailbox_share_its_codes_and_are_erased_together() -> None:
    """Otherwise one mailbox is flooded through many accounts. The destinations of the rows stay apart."""
    world = a_world(**MANY_STARTS)
    for name, address in (("ada", "ada@gmail.com"), ("bob", "a.d.a+bob@gmail.com"), ("eve", "AD.A+x@gmail.com")):
        await world.account(name, email=address)
    for name in ("ada", "bob", "eve", "ada"):
        await world.challenge(await world.start(name))
    assert world.adapters.email.attempts == world.policy.sends_per_destination_10min
    rows = [world.row(name) for name in ("ada", "bob", "eve")]
    assert len({row.methods[0].destination for row in rows}) == 3
    budgets = {world.service.use(Spending).budget(row.account, row.methods[0].sealed) for row in rows}
    assert len(budgets) == 1
    assert not await world.service.use(Limits).allows(CODES, destination=budgets.pop())
