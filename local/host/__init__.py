"""A small Azure Functions host for one machine. It uses the converters of `azure-functions`.

    __main__.py        the command line: one process, one instance
    settings.py        host.json and the command line, read once
    loading.py         finds the one FunctionApp and its functions
    routes.py          the table from a request to a function
    calling.py         one invocation: decodes the input, calls the handler, encodes outputs
    http_door.py       HTTP: conversion of requests and responses, the admin endpoints
    cross_origin.py    CORS as the platform handles it; the app has none
    queue_clients.py   the storage queues that bindings name; sends messages and creates missing queues
    queue_trigger.py   polls a queue: leases, retries, the poison queue
    schedules.py       when a timer is due
    timer_trigger.py   runs a timer when it is due, one run among all instances

It behaves like the real host for routes, requests, leases and outputs, as far as this service can tell the difference.
It does not implement function keys, which Core Tools does not check locally either, nor anything that the service does
not use: other triggers, synchronous functions, route constraints, retry policies, missed timer runs.
"""
