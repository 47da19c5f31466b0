"""The Azure Communication Services stand-in: the wire formats of SMS and email, and an inbox that a person can read.

__main__.py    the command line
signature.py   checks the HMAC signature of the real SDKs
faults.py      what goes wrong on demand, for whom, and how often
message_store.py  what was accepted, on disk before it is acknowledged
wire.py        `POST /sms`, `POST /emails:send`, `GET /emails/operations/{id}`
inbox.py       the inbox page, `GET /messages`, `POST /faults`, `POST /clear`
reports.py     `POST /reports`: a delivery report into the queue, as Event Grid would write it
transport.py   closes a connection in the middle of an answer
page.html      the page itself
"""
