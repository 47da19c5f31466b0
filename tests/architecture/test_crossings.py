"""A step calls down through the layers and runs through few files (`bench.crossings` counts them)."""

import pytest

from bench.crossings import RULES, STEPS, Trace, trace_of

MOST_CALLS_UP = 2
MOST_FILES = {"verify": (18, 28), "complete": (19, 27), "register confirm": (29, 40), "deliver": (15, 23)}
"""Most files with rules (triggers, use-cases, methods, domain), and most files in all. Lower them when possible."""


@pytest.fixture(params=STEPS)
async def walked(request: pytest.FixtureRequest) -> tuple[str, Trace]:
    return request.param, await trace_of(request.param)


async def test_a_step_rarely_calls_a_higher_layer(walked: tuple[str, Trace]) -> None:
    """At most twice does a lower layer call a function that a higher one passed down."""
    _, trace = walked
    assert trace.calls_up <= MOST_CALLS_UP, "\n".join(" -> ".join(call) for call in trace.up)


async def test_a_step_runs_through_few_files(walked: tuple[str, Trace]) -> None:
    """The number of files must not grow."""
    step, trace = walked
    most_of_rules, most = MOST_FILES[step]
    assert len(trace.files_in(*RULES)) <= most_of_rules
    assert len(trace.files) <= most, sorted(trace.files)
