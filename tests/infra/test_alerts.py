"""The alerts: each compiled query fires on the lines that the service writes, and none on an ordinary day."""

import contextlib
import json
import re
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions import _http
from local.stack.parts import ROOT
from shared.adapters.acs._clients import refused
from shared.adapters.azure_queues.audit_outbox import QueueAuditOutbox
from shared.domain.contact import PhoneNumber
from shared.domain.errors import AnswerRefused, TryAgain
from shared.domain.reachability import DeliveryReport, Outcome
from shared.domain.trail import Tag, Trail
from shared.ports.channel import NotSent
from shared.ports.store import StoreLost
from shared.settings import BadSettings
from shared.usecases.mark_undelivered import MarkUndelivered
from shared.usecases.purge import Purge
from shared.usecases.sweep import Sweep
from tests.attacks.disturbed_writes import wrong_answer_that_suspends
from tests.attacks.no_limits import MANY_STARTS
from tests.attacks.test_rule_29_objections import changed
from tests.builders import CLIENT, EMAIL, PHONE, World, a_world
from tests.functions.test_http import request, respond
from tests.infra.deployment import BUDGET, CONFIGURATIONS, Bicep, Deployment
from tests.infra.workspace import SPANS, Workspace
from tests.registered import FUNCTIONS

SETTINGS = BUDGET | {"DELIVERIES_PER_HOUR": "25", "LOG_QUOTA_GB": "2", "LOG_WARNING_GB": "1"}
HOURS, MINUTES = timedelta(hours=1), timedelta(minutes=1)
Act = Callable[[Workspace], Awaitable[None]]


@pytest.fixture(scope="module")
def deployment(compiler: Bicep, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """One in which few messages are many, and with a cap of logs."""
    return evaluated(compiler, tmp_path_factory.mktemp("infra"), SETTINGS)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def evaluated(compiler: Bicep, folder: Path, settings: dict[str, str]) -> Deployment:
    infra = shutil.copytree(ROOT / "infra", folder / "infra")
    return compiler.evaluate(infra, settings, compiler.compile(infra), "first")


class Taken:
    """A queue that takes everything."""

    is_loaded = True

    async def send(self, text: str) -> None: ...


def event(tag: Tag) -> Act:
    """An event that a queue or the sweep records: as every function leaves it after its handler."""

    async def act(_workspace: Workspace) -> None:
        trail = Trail()
        trail.record(tag, a_world().clock.now(), cause="CodeOrder")
        await QueueAuditOutbox(Taken()).leave(trail.events)  # type: ignore[arg-type]

    return act


def sends(fault: NotSent | None, times: int = 1, channel: str = "email", method: str = "email") -> Act:
    """Codes that the provider refuses, or takes: through the use-case, to one person."""

    async def act(_workspace: Workspace) -> None:
        for _ in range(times):
            world = a_world()
            await world.ada()
            world.adapters.channels[channel].faults = [fault] if fault else []
            token = await world.ask(await world.start(), method)
            assert token
            with contextlib.suppress(TryAgain):
                await world.deliver()

    return act


def reports(outcome: Outcome, times: int) -> Act:
    async def act(_workspace: Workspace) -> None:
        world = a_world()
        for _ in range(times):
            report = DeliveryReport(account="", contact=PhoneNumber(PHONE), outcome=outcome, at=world.clock.now())
            await world.service.use(MarkUndelivered)(report, world.trail)

    return act


def suspensions(times: int) -> Act:
    async def act(_workspace: Workspace) -> None:
        for _ in range(times):
            world = a_world()
            answer = await wrong_answer_that_suspends(world)
            with pytest.raises(AnswerRefused):
                await answer()
            await QueueAuditOutbox(Taken()).leave(world.trail.events)  # type: ignore[arg-type]

    return act


async def objection(_workspace: Workspace) -> None:
    world, _, _ = await changed()
    await world.object_to(world.objection(PHONE))
    await QueueAuditOutbox(Taken()).leave(world.trail.events)  # type: ignore[arg-type]


async def guesses(world: World, names: int, *, one_client: bool) -> None:
    for n in range(names):
        client = CLIENT if one_client else f"192.0.2.{n}"
        solution = await world.check(f"name {n}", client=client)
        token = await world.ask(await world.start(f"name {n}", client=client, solution=solution), client=client)
        with pytest.raises(AnswerRefused):
            await world.answer(token, "11111111", client=client)


async def breaker(_workspace: Workspace) -> None:
    world = a_world(**MANY_STARTS, verify_failures_5min=10)
    await guesses(world, 10, one_client=False)
    await world.start("another", client="192.0.2.99", solution=await world.check("another", client="192.0.2.99"))
    await guesses(world, 2, one_client=False)


async def many_names(_workspace: Workspace) -> None:
    await guesses(a_world(), 13, one_client=True)


async def pumping(_workspace: Workspace) -> None:
    world = a_world(**MANY_STARTS, sends_per_prefix_hour=1000)
    for n in range(30):
        await world.account(f"person {n}", mobile_phone=f"+3363998{n:04}")
        await world.challenge(await world.start(f"person {n}"), "mobile_phone")


def answers(error: BaseException, times: int) -> Act:
    async def raising(_call: _http.Call) -> object:
        raise error

    async def act(_workspace: Workspace) -> None:
        for _ in range(times):
            await respond(request({}), raising)

    return act


class Lost:
    """A store or an index that does not answer."""

    queues = ("outbox",)

    async def purge(self, _now: object) -> int:
        raise StoreLost

    async def take(self, _queue: str) -> Any:
        raise StoreLost


async def purge_fails(_workspace: Workspace) -> None:
    world = a_world()
    world.adapters.expiring = (Lost(),)  # type: ignore[assignment]
    await world.service.use(Purge)()


def sweeps_fail(times: int) -> Act:
    async def act(_workspace: Workspace) -> None:
        world = a_world()
        world.adapters.given_up = Lost()  # type: ignore[attr-defined]
        for _ in range(times):
            await world.service.use(Sweep)(world.trail)

    return act


def rows(table: str, *values: object, **how: Any) -> Act:
    async def act(workspace: Workspace) -> None:
        workspace.add(table, *values, **how)

    return act


def ran(name: str, ago: timedelta, *, success: bool = True) -> Act:
    return rows("AppRequests", name, "0", success, 20.0, ago=ago)


def http(name: str, status: int, times: int) -> Act:
    return rows("AppRequests", name, str(status), status < 400, 20.0, times=times)


async def ordinary_day(workspace: Workspace) -> None:
    """A reset, its notice, a wrong name, timers on time, and what the host logs at its start."""
    world = a_world()
    await world.ada()
    await world.complete(await world.prove())
    for name, ago in (("sweep", 4 * MINUTES), ("remind", 59 * MINUTES), ("purge", 23 * HOURS)):
        await ran(name, ago)(workspace)
    await http("reset_verify", 403, 3)(workspace)
    for line in HOST_LINES:
        workspace.add("AppTraces", line, 1)


HOST_LINES = (
    (
        'QueuesOptions\n{\n  "BatchSize": 16,\n  "NewBatchThreshold": 8,\n  "MaxPollingInterval": "00:00:02",\n'
        '  "MaxDequeueCount": 5,\n  "VisibilityTimeout": "00:00:05",\n  "MessageEncoding": "Base64"\n}'
    ),
    "Host started (1234ms)",
    "Job host started",
)
POISONED = "Message has reached MaxDequeueCount of 5. Moving message to queue 'outbox-poison'."
SENDER, THROTTLED = (refused(f"http_{status}", status, of_the_address=False, code="Denied") for status in (401, 429))
DEAD, SILENT = refused("sms_400", 400, of_the_address=True), NotSent("no_answer", permanent=False)
BROKEN = refused("http_500", 500, of_the_address=False)
WORKER = "Microsoft.Azure.WebJobs.Script.Workers.WorkerProcessExitException"
TEXT = {"channel": "sms", "method": "mobile_phone"}

FIRES: list[tuple[str, Act, set[str]]] = [
    ("nothing has run", rows("AppTraces", "Host started", 1), set()),
    ("an ordinary day", ordinary_day, set()),
    ("the sender may not send", sends(SENDER), {"sending-fails"}),
    ("the sender may not text", sends(SENDER, **TEXT), {"sending-fails"}),
    ("the quota is used up", sends(THROTTLED), {"sending-fails"}),
    ("four sends without an answer", sends(SILENT, 4), set()),
    ("five sends without an answer", sends(SILENT, 5), {"sending-fails"}),
    ("the provider fails", sends(BROKEN, 5), {"sending-fails"}),
    ("one dead number", sends(DEAD, **TEXT), set()),
    ("twenty dead numbers", sends(DEAD, 20, **TEXT), {"sending-fails"}),
    ("nineteen undelivered texts", reports(Outcome.UNREACHABLE, 19), set()),
    ("twenty undelivered texts", reports(Outcome.UNREACHABLE, 20), {"sending-fails"}),
    ("delivered texts", reports(Outcome.DELIVERED, 20), set()),
    ("the own number is not verified", reports(Outcome.SENDER_REFUSED, 1), {"sending-fails"}),
    ("four texts that a carrier blocked", reports(Outcome.FAILED, 4), set()),
    ("people who do not want texts", reports(Outcome.OPTED_OUT, 19), set()),
    ("24 messages in an hour", sends(None, 24), set()),
    ("25 messages in an hour", sends(None, 25), {"sending-spikes"}),
    ("runs of the queue without a message", rows("AppRequests", "deliver", "0", True, 1.0, times=999), set()),
    ("a lost message", event(Tag.DELIVERY_LOST), {"messages-lost"}),
    ("an unreadable message", event(Tag.MESSAGE_DISCARDED), {"messages-lost"}),
    ("a poisoned message", rows("AppTraces", POISONED, 1), {"messages-lost"}),
    ("a notice is given up", event(Tag.NOTICE_GIVEN_UP), {"notices-given-up"}),
    ("an objection", objection, {"change-stopped"}),
    ("nine suspensions", suspensions(9), set()),
    ("ten suspensions", suspensions(10), {"suspensions-spike"}),
    ("wrong answers everywhere", breaker, {"wrong-answers"}),
    ("one client, many names", many_names, {"many-names"}),
    ("nobody enters texted codes", pumping, {"texts-unused", "sending-spikes"}),
    ("199 refusals", http("session_start", 401, 199), set()),
    ("200 refusals", http("session_start", 401, 200), {"refusals-spike"}),
    ("200 refusals of something else", http("me_view", 401, 200), set()),
    ("19 times 503", answers(TryAgain(), 19), set()),
    ("20 times 503", answers(TryAgain(), 20), {"requests-fail"}),
    ("20 times 500", answers(RuntimeError(), 20), {"requests-fail"}),
    ("bad settings", answers(BadSettings(["x is missing"]), 1), {"requests-fail"}),
    ("the worker was killed", rows("AppExceptions", WORKER), {"requests-fail"}),
    ("a stranger's stalled bodies", http("reset_start", 500, 500), set()),
    ("a purge fails", purge_fails, {"work-left-over"}),
    ("five sweeps fail", sweeps_fail(5), set()),
    ("six sweeps fail", sweeps_fail(6), {"work-left-over"}),
    ("sweep was on time", ran("sweep", 110 * MINUTES), set()),
    ("sweep is overdue", ran("sweep", 130 * MINUTES), {"timers-overdue"}),
    ("remind was on time", ran("remind", 5 * HOURS), set()),
    ("remind is overdue", ran("remind", 7 * HOURS), {"timers-overdue"}),
    ("purge was on time", ran("purge", 25 * HOURS), set()),
    ("purge is overdue", ran("purge", 31 * HOURS), {"timers-overdue"}),
    ("purge has been gone for long", ran("purge", 47 * HOURS), {"timers-overdue"}),
    ("a timer that never succeeded", ran("sweep", 5 * HOURS, success=False), set()),
    ("many logs", rows("Usage", 1001.0, True, "AppRequests"), {"logs-grow"}),
    ("free logs", rows("Usage", 5000.0, False, "AzureActivity"), set()),
    ("the cap", rows("_LogOperation", "Ingestion", "a-guid", "OverQuota: collection stopped"), {"logs-stopped"}),
]  # fmt: skip


@pytest.mark.parametrize(("act", "fires"), [case[1:] for case in FIRES], ids=[case[0] for case in FIRES])
async def test_an_alert_fires_exactly_when_it_should(
    deployment: Deployment, workspace: Workspace, act: Act, fires: set[str]
) -> None:
    """Each rule, on the rows that the service's own lines become."""
    with workspace.hearing():
        await act(workspace)
    assert workspace.firing(deployment) == fires


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_no_alert_fires_where_nothing_has_run(
    compiler: Bicep, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory, configuration: str
) -> None:
    """An empty workspace, in every configuration; and a rule for the cap exists where there is a cap."""
    found = evaluated(compiler, tmp_path_factory.mktemp("infra"), CONFIGURATIONS[configuration])
    rules = {rule["name"] for rule in found.of("Insights/scheduledQueryRules")}
    assert workspace.firing(found) == set()
    (logs,) = found.of("OperationalInsights/workspaces")
    assert (logs["properties"]["workspaceCapping"]["dailyQuotaGb"], "sesame-logs-stopped" in rules) == (-1, False)


def test_every_alert_is_tried_and_explained(deployment: Deployment) -> None:
    """Each fires in some case above, is in docs/operations.md by its title, and is evaluated at the lowest price."""
    rules = deployment.of("Insights/scheduledQueryRules")
    assert {rule["name"].removeprefix("sesame-") for rule in rules} == set().union(*(case[2] for case in FIRES))
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    titles = [rule["properties"]["displayName"].removeprefix("Sésame: ") for rule in rules]
    assert [title for title in titles if f"\n| {title} |" not in page] == []
    assert {rule["properties"]["evaluationFrequency"] for rule in rules} == {"PT15M"}
    assert {rule["properties"]["windowSize"] for rule in rules} <= SPANS.keys()


@pytest.mark.parametrize(("schedule", "hours", "fires"), [("0 0 9 * * *", 29, False), ("0 0 9 * * *", 31, True)])
def test_a_timer_that_runs_once_a_day_is_not_overdue_after_six_hours(
    compiler: Bicep,
    workspace: Workspace,
    tmp_path_factory: pytest.TempPathFactory,
    schedule: str,
    hours: int,
    fires: bool,
) -> None:
    """The limit of `remind` follows its schedule."""
    found = evaluated(compiler, tmp_path_factory.mktemp("infra"), {"REMIND_SCHEDULE": schedule})
    workspace.add("AppRequests", "remind", "0", True, 20.0, ago=hours * HOURS)
    assert ("timers-overdue" in workspace.firing(found)) is fires


async def test_a_failed_send_says_what_an_operator_needs_and_nothing_of_the_person(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    """Channel, country, status and cause in one JSON object; no address, no number, no key of the account."""
    with caplog.at_level("INFO"):
        await sends(refused("http_403", 403, of_the_address=False, code="Denied"), **TEXT)(workspace)
        await sends(None)(workspace)
    failed, sent = (text for text in caplog.messages if text.startswith("message "))
    assert json.loads(failed.removeprefix("message failed ")) == {
        "channel": "sms", "country": "+33", "status": 403, "cause": "http_403", "code": "Denied",
        "fault": "installation",
    }  # fmt: skip
    assert json.loads(sent.removeprefix("message sent ")) == {"channel": "email", "country": "", "template": "code"}
    assert not {EMAIL, PHONE, PHONE[3:]} & set(re.findall(r"[\w@.+]+", caplog.text))


def test_the_workbook_opens(deployment: Deployment, workspace: Workspace) -> None:
    """Its parts are of known kinds with what each needs, it names the workspace, and every query runs."""
    (workbook,) = deployment.of("Insights/workbooks")
    text = workbook["properties"]["serializedData"]
    book = json.loads(text)
    assert (book["version"], workbook["properties"]["version"]) == ("Notebook/1.0", "Notebook/1.0")
    assert book["fallbackResourceIds"] == [workbook["properties"]["sourceId"]]
    queries = [item["content"] for item in book["items"] if item["type"] == 3]
    (span,) = (item["content"]["parameters"][0]["name"] for item in book["items"] if item["type"] == 9)
    assert len(queries) == len(book["items"]) - 1
    workspace.add("AppTraces", 'message sent {"channel": "sms", "country": "+33", "template": "code"}', 1)
    for query in queries:
        assert (query["version"], query["timeContextFromParameter"]) == ("KqlItem/1.0", span)
        assert query["resourceType"] == "microsoft.operationalinsights/workspaces"
        found = workspace.rows(query["query"])
        if "Channel" in query["query"]:
            assert [row[:3] for row in found] == [("sent", "sms", "+33")]
    mentioned = set(re.findall(r'Name == "(\w+)"', text.replace("\\", "")))
    assert mentioned <= FUNCTIONS.keys()
