"""An app that shows what the host does with the messages and the failures of functions."""

import asyncio
import json
import os
from pathlib import Path
from typing import List  # noqa: UP035  (the converters refuse list[str], as in Azure)

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def note(kind: str, **facts: object) -> None:
    """Record an event for the test to read."""
    with Path(os.environ["SESAME_NOTES"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": kind, **facts}) + "\n")


@app.route(route="word", methods=["GET"])
async def word(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("first")


@app.route(route="send", methods=["POST"])
@app.queue_output(arg_name="out", queue_name="work", connection="AzureWebJobsStorage")
async def send(req: func.HttpRequest, out: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    out.set(req.get_json())
    await asyncio.sleep(float(req.params.get("wait", 0)))
    if req.params.get("then") == "fail":
        raise RuntimeError("after the output was set")
    return func.HttpResponse(status_code=202)


@app.queue_trigger(arg_name="msg", queue_name="work", connection="AzureWebJobsStorage")
async def work(msg: func.QueueMessage) -> None:
    body = msg.get_body().decode()
    note("work", body=body, count=msg.dequeue_count, id=msg.id)
    if body == "fails" or (body == "fails once" and msg.dequeue_count == 1):
        raise RuntimeError("as asked")
    if body.startswith("takes "):
        await asyncio.sleep(float(body.removeprefix("takes ")))
        note("finished", body=body)


@app.queue_trigger(arg_name="msg", queue_name="late-poison", connection="AzureWebJobsStorage")
async def late_poison(msg: func.QueueMessage) -> None:
    note("late", count=msg.dequeue_count)
    if msg.dequeue_count < 5:
        raise RuntimeError("more often than maxDequeueCount")
