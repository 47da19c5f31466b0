"""TRIGGERS: something arrives; parse it, make one call, render the outcome. No rule lives here.

    HTTP    session, me, registration_status, reset, password_check, admin_prefill, health, openapi
    queue   deliver (and its poison queue), record_event
    timer   reconfirm, purge

Every HTTP trigger goes through `_http.respond`, every caller's address and session through `_http.Call`.
"""
