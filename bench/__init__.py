"""Measurements of ratios and counts: `./sesame bench NAME`. They are not tests, because times on a busy machine vary.

    coldstart   time from process start to the first answer, as deployed, compared with a floor program
    crossings   the files that one step runs through, and its calls up through the layers
    lines       hand-written lines, by part of the repository
    upkeep      table calls of the timers as the number of people and of other rows grows
    reminders   what a run of `remind` reads where few of many registrations are due, and after a killed run
    reset       table calls, queue messages and CPU of whole resets, CPU also by part
    strangers   response times and shapes for known and unknown names
    table_calls CPU of one table call, with our settings of the transport and with its defaults

`_store.py` starts an Azurite for them, `_deployed.py` one with TLS and tokens; `_people.py` writes registered people
into it. docs/performance.md contains the latest output.
"""
