"""The stand-in for Azure Communication Services: the wire formats of SMS and email, and an inbox for people.

__main__.py    the command line
signature.py   checks the HMAC signature of the real SDKs
faults.py      faults on demand: for whom, and how often
message_store.py  accepted messages, written to disk before they are acknowledged
wire.py        `POST /sms`, `POST /emails:send`, `GET /emails/operations/{id}`
inbox.py       the inbox page, `GET /messages`, `POST /faults`, `POST /clear`
reports.py     `POST /reports`: puts a delivery report into the queue, as Event Grid does
transport.py   closes a connection in the middle of a response
page.html      the inbox page
"""
