"""One reminder for each person who is due and none for others, in all runs; reconfirmation (M13, D10)."""

import asyncio
import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import replace

import pytest
from azure.data.tables import TransactionOperation
from azure.data.tables.aio import TableClient

from local.registered_person import where_it_is_noon
from local.strict_store.interruptions import Moment
from local.strict_store.proxy import Proxy
from local.strict_store.store import StrictStore
from local.strict_store.wire import Request
from shared.adapters.azure_tables.due_index import SHARDS
from shared.domain.account import AccountKey
from shared.domain.person import Evidence, EvidenceClass, MethodState, Person, RegisteredMethod, Sealed, Source
from shared.domain.reminders import index_hour
from shared.domain.trail import Tag
from shared.wiring import Service
from tests.integration.inside import Known, inside, make_person
from tests.integration.journey import Api, fresh_contacts
from tests.integration.moments import sends_to
from tests.integration.outcomes import causes, outbox, wait_for
from tests.stack import Stack, StartStack

pytestmark = pytest.mark.integration

PASSWORD = "quatre chevaux dans la brume"
LOU = "lou@mail.example"
HOSTS = ("api-1", "api-2", "api-3")
MORE_THAN_A_PAGE = 1100  # the service returns 1,000 rows a page: a scan would need one more call


@pytest.fixture(scope="module")
def stack(store: StrictStore, provider: Proxy, start_stack: StartStack) -> Stack:
    """Three instances on one store. The schedule is disabled; tests start the timer by hand."""
    environment = {
        "SESAME_ACS_ENDPOINT": f"http://127.0.0.1:{provider.port}",
        "SESAME_REMIND_SCHEDULE": "0 0 0 29 2 *",
    }
    stack = start_stack(instances=3, environment=environment, storage=store.connection, lease=3)
    provider.upstream.port = stack.ports.inbox
    return stack


_numbers = itertools.count()


def overdue(stack: Stack) -> Known:
    """A person who confirmed two methods 187 days ago, with a policy of 180 days, in a zone where it is noon."""
    email, phone = fresh_contacts()
    known = Known(f"overdue.{next(_numbers)}", PASSWORD, {"email": email, "mobile_phone": phone})
    return make_person(stack, known, days_ago=187, time_zone=where_it_is_noon(dt.datetime.now(dt.UTC)))


def wait_until_outbox_is_empty(stack: Stack) -> None:
    with outbox(stack) as queue:
        wait_for(lambda: queue.get_queue_properties().approximate_message_count == 0, within=30)


def due_until(stack: Stack, days: int) -> list[tuple[str, str]]:
    """Return the entries of the index, by hour and account, up to this many days from now."""

    async def work(service: Service) -> list[tuple[str, str]]:
        last = service.adapters.clock.now() + dt.timedelta(days=days)
        return [(hour, str(account)) async for hour, account in service.adapters.due.due(last)]

    return inside(stack, work)


def entries(stack: Stack, account: AccountKey) -> list[str]:
    """Return the hours under which an account is in the index."""
    return [hour for hour, found in due_until(stack, 3650) if found == account]


def day_in(days: int) -> str:
    """Return the day, in UTC, when it is eight in the morning there: four hours ago, and so many days later."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days, hours=-4)).strftime("%Y%m%d")


def test_a_due_person_gets_one_reminder_however_often_the_timer_runs(stack: Stack, provider: Proxy) -> None:
    """Ten runs on three instances, with kills between them: one provider call, one message."""
    with provider.counting() as calls:
        for round_, victim in enumerate(("api-2", "api-3")):
            for instance in (1, 2, 3, 1, 2):
                stack.fire("remind", instance=instance)
            if round_ == 0:
                stack.wait_for_messages(1, to=LOU)
            stack.kill(victim)
            stack.start(victim)
        wait_until_outbox_is_empty(stack)
    assert len(list(filter(sends_to(LOU), calls))) == 1
    assert [message["to"] for message in stack.messages()] == [LOU]


def test_a_reminder_interrupted_by_a_kill_arrives_once(stack: Stack, provider: Proxy) -> None:
    """Before and after the provider accepted it. A later run sends the email with the same id, so it arrives once."""
    not_sent, sent = people = overdue(stack), overdue(stack)
    with (
        provider.hold(sends_to(not_sent.contacts["email"]), Moment.BEFORE) as before,
        provider.hold(sends_to(sent.contacts["email"]), Moment.AFTER) as after,
    ):
        stack.fire("remind")
        before.wait()
        after.wait()
        for name in HOSTS:
            stack.kill(name)
    stack.start(*HOSTS)
    stack.fire("remind", instance=2)
    for known in people:
        wait_for(lambda k=known: "under_way" in causes(stack, Tag.REMINDER_DELIVERED, k.account))
        assert len(stack.messages(to=known.contacts["email"])) == (known is sent)
        make_claim_old(stack, known)
    for instance in (1, 2, 3):
        stack.fire("remind", instance=instance)
    for known in people:
        wait_for(lambda k=known: "sent" in causes(stack, Tag.REMINDER_DELIVERED, k.account))
    wait_until_outbox_is_empty(stack)
    for known in people:
        assert len(stack.messages(to=known.contacts["email"])) == 1
        assert stack.messages(to=known.contacts["mobile_phone"]) == []
        assert [entry[:8] for entry in entries(stack, known.account)] == [day_in(7)]


def make_claim_old(stack: Stack, known: Known) -> None:
    """Change the row as if the kill had been two minutes ago."""

    async def work(service: Service) -> None:
        stored = await service.adapters.people.read(known.account)
        assert stored.person.reminder is not None
        earlier = replace(stored.person.reminder, at=stored.person.reminder.at - dt.timedelta(minutes=2))
        await service.adapters.people.write(replace(stored.person, reminder=earlier), stored.revision)

    inside(stack, work)


def test_an_overdue_person_can_still_reset_their_password(stack: Stack) -> None:
    """Stale methods stay valid until the person changes them."""
    known, api = overdue(stack), Api(stack.api)
    token = str(api.ok("/reset/start", {"identifier": known.identifier})["verification_token"])
    api.ok("/reset/challenge", {"verification_token": token, "method": "email"})
    stack.wait_for_messages(1, to=known.contacts["email"])


def test_the_reminder_timer_makes_the_same_table_calls_for_a_thousand_people_as_for_ten(
    stack: Stack, store: StrictStore
) -> None:
    """D10: the cost grows with what is due, not with who is registered. The index is read by range, rows by key.

    Others are due three hours later: their entries are not read either, nor their rows.
    """
    wait_until_outbox_is_empty(stack)
    inside(stack, empty_the_index)
    few = calls_of_reminders(stack, store)
    inside(stack, register_a_crowd)
    many = calls_of_reminders(stack, store)
    assert summary(few) == summary(many)
    more = summary(calls_of_reminders(stack, store, people=4))
    assert {call: count for call, count in more.items() if call[1] == "People"} == {
        call: 4 * count for call, count in summary(few).items() if call[1] == "People"
    }
    assert more["GET", "Due"] == 2  # one index of registrations, one of passwords
    assert summary(many)["GET", "Due"] == 2
    assert all("PartitionKey" in request.target for request in many if request.method == "GET")


def calls_of_reminders(stack: Stack, store: StrictStore, *, people: int = 1) -> list[Request]:
    """Return the table calls of one run that finds these due people, and of the deliveries that follow."""
    due = [overdue(stack) for _ in range(people)]
    with store.tables.counting() as calls:
        stack.fire("remind")
        for known in due:
            stack.wait_for_messages(1, to=known.contacts["email"])
        wait_until_outbox_is_empty(stack)
    # Without audit events, the only ones in batches. They are recorded at a time of their own.
    return [request for request in calls if not request.is_to("$batch")]


def summary(requests: list[Request]) -> Mapping[tuple[str, str], int]:
    counted: dict[tuple[str, str], int] = {}
    for request in requests:
        table = request.path.split("/")[2].partition("(")[0]
        counted[request.method, table] = counted.get((request.method, table), 0) + 1
    return counted


async def empty_the_index(service: Service) -> None:
    """Remove the people of the tests before. A kill leaves a claim, for whose age the next delivery would wait."""
    due = service.adapters.due
    for day, account in [entry async for entry in due.due(dt.date.max)]:
        await due.remove(day, account)


async def register_a_crowd(service: Service) -> None:
    """Register more people than fit on one page of the index, due in three hours, with some of their rows."""
    adapters, now = service.adapters, service.adapters.clock.now()
    day = index_hour(now + dt.timedelta(hours=3))
    keys = [adapters.keyring.digest("crowd", str(number)) for number in range(MORE_THAN_A_PAGE)]
    # The SDK with its default transport: the service's own does not support batches.
    async with TableClient.from_connection_string(adapters.settings.storage_connection or "", "Due") as due:
        for shard in range(SHARDS):
            inserts = [
                (TransactionOperation.CREATE, {"PartitionKey": f"{day}-{shard:x}", "RowKey": key})
                for key in keys[shard::SHARDS]
            ]
            await due.submit_transaction(inserts)
    method = RegisteredMethod(
        sealed=Sealed(method="email", text="", evidence=Evidence(kind=EvidenceClass.MAILBOX, destination="nowhere")),
        state=MethodState.CONFIRMED,
        source=Source.SELF,
        set_at=now,
        confirmed_at=now - dt.timedelta(days=80),
    )
    people = (Person(account=AccountKey(key), methods=(method,), reminder_day=day) for key in keys[:300])
    places = asyncio.Semaphore(16)

    async def write(person: Person) -> None:
        async with places:
            await adapters.people.write(person, None)

    await asyncio.gather(*map(write, people))
