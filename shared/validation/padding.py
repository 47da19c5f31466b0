"""Messages of one size: what lies in a queue tells nothing about whom it is for (R-94)."""

import json


def padded(message: dict[str, object], size: int) -> str:
    """The message with a filler; a queue's message sizes then say nothing about whom they are for."""
    bare = len(json.dumps({**message, "pad": ""}, separators=(",", ":")))
    if bare > size:
        msg = f"a message of {bare} bytes, where {size} are the rule"
        raise ValueError(msg)
    return json.dumps({**message, "pad": " " * (size - bare)}, separators=(",", ":"))
