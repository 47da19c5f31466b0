"""TRIGGERS: something arrives; parse it, make one call, render the outcome. No rule lives here.

    HTTP    session, me, registration_status, reset, password_check, admin_prefill, admin_erase, health, openapi
    queue   deliver and delivery_reports (each with its poison queue), record_event
    timer   reconfirm, purge

Every HTTP trigger goes through `_http.respond`, every caller's address and session through `_http.Call`.
"""

import gc

# A cold start makes objects by the tens of thousands and hardly any garbage, yet every few hundred of them set off a
# search for some: a tenth of the time until the first answer (docs/decisions/0006).
gc.set_threshold(10_000, 10, 10)
