"""Measurements, by ratio and count: `./sesame bench NAME`. None is a test: a clock on a busy machine proves nothing.

    coldstart   a fresh process until its first answer, beside the bare hello world
    reminders   table calls of the timer as the number of registrations grows
    reset       table calls, queue messages and CPU of whole resets
    table_calls CPU of one table call, on our transport and on aiohttp

`_store.py` starts an Azurite of their own for them, `_people.py` puts registered people into it. What they printed
last is in docs/performance.md.
"""
