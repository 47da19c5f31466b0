"""The one FunctionApp: it registers the blueprints, nothing else."""

import azure.functions as func

from functions import (
    admin_erase,
    admin_prefill,
    deliver,
    delivery_reports,
    health,
    me,
    openapi,
    password_check,
    purge,
    record_event,
    registration_status,
    remind,
    reset,
    session,
)

app = func.FunctionApp()

app.register_functions(admin_erase.bp)
app.register_functions(admin_prefill.bp)
app.register_functions(deliver.bp)
app.register_functions(delivery_reports.bp)
app.register_functions(health.bp)
app.register_functions(me.bp)
app.register_functions(openapi.bp)
app.register_functions(password_check.bp)
app.register_functions(purge.bp)
app.register_functions(remind.bp)
app.register_functions(record_event.bp)
app.register_functions(registration_status.bp)
app.register_functions(reset.bp)
app.register_functions(session.bp)
