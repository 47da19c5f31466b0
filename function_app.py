"""The one FunctionApp: it registers the blueprints. First it silences the SDKs, and nothing else."""

import logging

import azure.functions as func

from functions.activation import bp as activation
from functions.admin_activate import bp as admin_activate
from functions.admin_audit import bp as admin_audit
from functions.admin_client import bp as admin_client
from functions.admin_coverage import bp as admin_coverage
from functions.admin_erase import bp as admin_erase
from functions.admin_freeze import bp as admin_freeze
from functions.admin_import import bp as admin_import
from functions.admin_people import bp as admin_people
from functions.admin_prefill import bp as admin_prefill
from functions.admin_remove_method import bp as admin_remove_method
from functions.admin_reregister import bp as admin_reregister
from functions.admin_timeline import bp as admin_timeline
from functions.admin_unblock import bp as admin_unblock
from functions.calls import bp as calls
from functions.deliver import bp as deliver
from functions.delivery_reports import bp as delivery_reports
from functions.health import bp as health
from functions.objection import bp as objection
from functions.openapi import bp as openapi
from functions.own_record import bp as own_record
from functions.password import bp as password
from functions.problems import bp as problems
from functions.proof import bp as proof
from functions.purge import bp as purge
from functions.reconfirm import bp as reconfirm
from functions.record_event import bp as record_event
from functions.register import bp as register
from functions.registration_status import bp as registration_status
from functions.remind import bp as remind
from functions.reset import bp as reset
from functions.session import bp as session
from functions.sweep import bp as sweep
from functions.verify import bp as verify
from functions.work_import import bp as work_import

# The worker sets the root logger to INFO. At that level the SDKs log the URL of each request, with the keys of rows in
# it, and all of it would go to Application Insights. host.json cannot filter it: its category is the function's.
for _vendor in ("azure", "msal"):
    logging.getLogger(_vendor).setLevel(logging.WARNING)

app = func.FunctionApp()

for _blueprint in [value for value in list(globals().values()) if isinstance(value, func.Blueprint)]:
    app.register_functions(_blueprint)
