"""What a call costs when nothing disturbs it: bounds on complexity, a factor of ten away from what is true."""

import contextlib
import time
from collections.abc import Callable

RUNS = 5


def least_seconds(work: Callable[[], object], *, expecting: type[Exception] | None = None) -> float:
    """The least process time of a few runs: a garbage collection or another thread falls into one of them, not all."""
    spans = []
    for _ in range(RUNS):
        started = time.process_time()
        with contextlib.suppress(*([expecting] if expecting else [])):
            work()
        spans.append(time.process_time() - started)
    return min(spans)
