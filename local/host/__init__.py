"""A small Azure Functions host for one machine. It uses the converters of `azure-functions`.

    __main__.py        the command line: one process, one instance
    settings.py        host.json and the command line, read once
    loading.py         finds the one FunctionApp and checks every function as the worker does
    routes.py          route templates, and the table from a request to a function
    calling.py         one invocation: decodes inputs, calls the handler, encodes outputs
    http_door.py       HTTP: conversion of requests and responses, the admin endpoints
    cross_origin.py    CORS as the platform handles it; the app has none
    queue_clients.py   the storage queues that bindings name; sends messages and creates missing queues
    queue_trigger.py   polls a queue: leases, retries, the poison queue
    timer_trigger.py   schedules, their stored status, one run among all instances

It behaves like the real host for routes, requests, leases and outputs. It does not implement function keys, which Core
Tools does not check locally either, and triggers that the service does not use.
"""
