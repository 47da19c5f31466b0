"""A small Azure Functions host for one machine, on `azure-functions`' own converters.

    __main__.py        the command line: one process, one instance
    settings.py        host.json and the command line, read once
    loading.py         finds the one FunctionApp and checks every function as the worker does
    routes.py          route templates and the table from a request to a function
    calling.py         one invocation: inputs decoded, the handler called, outputs encoded
    http_door.py       HTTP: shaping of requests and answers, the admin endpoints
    cross_origin.py    CORS, the one layer of it, as the platform answers it
    queue_clients.py   the storage queues that bindings name; sends, and creates what is missing
    queue_trigger.py   polls a queue: leases, retries, the poison queue
    timer_trigger.py   schedules, their persisted state, one runner among all instances

What it promises is what the real host does (routes, shaping, leases, outputs); what it leaves out is keys, which Core
Tools leaves out locally too, and every trigger that the service does not use.
"""
