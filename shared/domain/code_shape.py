"""Define what a code looks like: in messages, to the phone that finds it there, and when it is typed (rule 19).

Phones offer a code from a message, and hide it on the lock screen, if they recognise it. Android's detector
(ExtServices, NotificationOtpDetectionHelper) takes 5 to 8 letters and digits with single hyphens between them, and not
two groups of four with a blank. Browsers take it from the last line (WICG, "Origin-bound one-time codes delivered via
SMS"), for the page of that host only, so that a page that only looks like ours is offered nothing.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeShape:
    """The shape of a code of so many decimal digits. `Policy.code_shape` is that of codes that are sent."""

    digits: int

    @property
    def groups(self) -> tuple[int, ...]:
        """The digits of each group: as many equal groups of four or three as there are, or one group."""
        size = next((size for size in (4, 3, 5) if self.digits % size == 0), self.digits)
        return (size,) * (self.digits // size)

    def shown(self, code: str) -> str:
        """Return the code as people read it: `1234-5678`. Raises ValueError for what is no code of this shape."""
        if len(code) != self.digits or not (code.isascii() and code.isdecimal()):
            raise ValueError("a code must be ASCII digits only")  # the code itself must not reach a log
        ends = [sum(self.groups[: number + 1]) for number in range(len(self.groups))]
        return "-".join(code[end - size : end] for end, size in zip(ends, self.groups, strict=True))

    def found_in(self, text: str) -> set[str]:
        """Return the codes in a message that somebody pasted, each once, with hyphens, blanks or neither."""
        grouped = "[- ]".join(f"[0-9]{{{size}}}" for size in self.groups)
        pattern = rf"(?<![\w+-])(?:[0-9]{{{self.digits}}}|{grouped})(?![\w-])"
        return {re.sub("[- ]", "", found) for found in re.findall(pattern, text)}


def origin_bound(host: str, code: str) -> str:
    """Return the last line of a text message by which a browser gives the code to the page of this host alone."""
    return f"@{host} #{code}"
