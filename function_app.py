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
    reconfirm,
    record_event,
    registration_status,
    reset,
    session,
)

app = func.FunctionApp()

for module in (
    admin_erase,
    admin_prefill,
    deliver,
    delivery_reports,
    health,
    me,
    openapi,
    password_check,
    purge,
    reconfirm,
    record_event,
    registration_status,
    reset,
    session,
):
    app.register_functions(module.bp)
