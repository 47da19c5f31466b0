"""Define the triggers: each parses what arrives, calls one use-case and renders its outcome. No rule is here.

    HTTP    calls, register, reconfirm, proof, verify, reset, password, session, registration_status, admin_prefill,
            admin_import, admin_erase, problems, own_record, health, openapi
    queue   deliver, delivery_reports, record_event, work_import
    timer   remind, purge, sweep

`_function.py` makes the functions: `endpoint` for HTTP, `queue_function` for queues, `timer_function` for timers.
Modules whose names begin with an underscore are used by several triggers.

A trigger imports its use-case when it is called, not before: an instance imports every trigger when it starts, and then
answers one request (docs/performance.md).
"""

import gc

# A cold start makes about 130,000 objects and almost no garbage. With the default threshold, some 60
# collections prolong it. Afterwards a whole reset leaves about 400 objects, so this number delays a collection for long
# and costs a few megabytes (docs/performance.md).
gc.set_threshold(200_000, 10, 10)
