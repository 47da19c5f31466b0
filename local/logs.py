"""Writes one JSON object per line to standard error; `./sesame run` stores it in `.local/logs/`.

Never log a query string, a header or a body: they can contain personal data, codes or tokens (R-90).
"""

import datetime as dt
import json
import logging
import sys
from contextvars import ContextVar

current_function: ContextVar[str | None] = ContextVar("current_function", default=None)
current_invocation: ContextVar[str | None] = ContextVar("current_invocation", default=None)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonLines(logging.Formatter):
    """Formats a record as one JSON line, with its function and, but for the app, its `extra` fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a JSON object."""
        line: dict[str, object] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if function := current_function.get():
            line |= {"function": function, "invocation": current_invocation.get()}
        if not record.name.startswith("sesame"):  # Azure loses what the app puts there
            line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure() -> None:
    """Send all logs of the process through `JsonLines`, at the level of the worker of Azure.

    The servers log warnings and errors only. The app itself silences the SDKs (function_app.py).
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("asyncio", "uvicorn", "uvicorn.access", "uvicorn.error", "aiohttp"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
