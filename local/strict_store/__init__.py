"""The store of tests and benchmarks: Azurite, behind a proxy that is as strict as Azure Storage.

Azurite accepts requests that Azure refuses. A purge that asked for pages of 2,000 rows passed every test, and would
never have deleted a row. Each refusal names Microsoft's page.

tables.py         what the table service refuses: pages, filters, names, tables that are being deleted
entities.py       in one entity: keys, properties, sizes, dates
transactions.py   in an entity group transaction
queues.py         what the queue service refuses
deletions.py      how long a deleted table or queue keeps its name
pages.py          pages of any size, and empty pages with a continuation
errors.py         the errors of both services, and those under stress
interruptions.py  what tests do to a request on its way
proxy.py          the proxy
upstream.py       its connections to Azurite
wire.py           HTTP/1.1
store.py          both proxies together
__main__.py       the same as a process, for benchmarks and hosts that need no control over it
"""
