"""An app that shows what the host passes to functions and what it does with their results."""

import asyncio
import json
import time
from pathlib import Path
from typing import List  # noqa: UP035  (the converters refuse list[str], as in Azure)

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
NOTES = Path(__import__("os").environ["SESAME_NOTES"])


def note(kind: str, **facts: object) -> None:
    """Record an event for the test to read."""
    with NOTES.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": kind, **facts}) + "\n")


@app.route(route="echo/{word}/{number:int?}", methods=["POST", "GET"])
async def echo(req: func.HttpRequest) -> func.HttpResponse:
    seen = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "query": dict(req.params),
        "route": dict(req.route_params),
        "body": req.get_body().decode("latin-1"),
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@app.route(route="files/{*path}", methods=["GET"])
def files(req: func.HttpRequest, context: func.Context) -> str:
    return f"{context.function_name}:{req.route_params.get('path', '')}"


@app.route(route="files/first", methods=["GET"])
def a_first_by_name(req: func.HttpRequest) -> str:
    return "first"


@app.route(route="fail", methods=["POST"])
async def fail(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("broken on purpose")


@app.route(route="nothing", methods=["POST"])
async def nothing(req: func.HttpRequest) -> func.HttpResponse:
    return None  # type: ignore[return-value]


@app.route(route="headers", methods=["GET"])
async def headers(req: func.HttpRequest) -> func.HttpResponse:
    answer = func.HttpResponse("x", status_code=201)
    answer.headers.add("X-Twice", "one")
    answer.headers.add("X-Twice", "two")
    answer.headers.add("Set-Cookie", "a=1; Path=/")
    answer.headers.add("Set-Cookie", "b=2; Path=/")
    return answer


@app.route(route="slow", methods=["GET"])
def slow(req: func.HttpRequest) -> str:
    time.sleep(1.0)
    return "done"


@app.route(route="send", methods=["POST"])
@app.queue_output(arg_name="out", queue_name="work", connection="AzureWebJobsStorage")
async def send(req: func.HttpRequest, out: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    out.set(req.get_json())
    if req.params.get("then") == "fail":
        raise RuntimeError("after the output was set")
    return func.HttpResponse(status_code=202)


@app.queue_trigger(arg_name="msg", queue_name="work", connection="AzureWebJobsStorage")
async def work(msg: func.QueueMessage) -> None:
    body = msg.get_body().decode()
    note("work", body=body, count=msg.dequeue_count, id=msg.id, inserted=str(msg.insertion_time))
    if body == "fails":
        raise RuntimeError("as asked")
    if body == "fails once" and msg.dequeue_count == 1:
        raise RuntimeError("as asked, once")
    if body.startswith("takes "):
        await asyncio.sleep(float(body.removeprefix("takes ")))
        note("finished", body=body)


@app.queue_trigger(arg_name="msg", queue_name="late-poison", connection="AzureWebJobsStorage")
async def late_poison(msg: func.QueueMessage) -> None:
    note("late", count=msg.dequeue_count)
    if msg.dequeue_count < 5:
        raise RuntimeError("more often than maxDequeueCount")


@app.timer_trigger(arg_name="timer", schedule="%SESAME_TICK%", use_monitor=True)
async def tick(timer: func.TimerRequest) -> None:
    note("tick", past_due=timer.past_due)
