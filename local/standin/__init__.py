"""The stand-in for Azure Communication Services: the wire formats of SMS, email and calls, and an inbox for people.

__main__.py    the command line
signature.py   checks the HMAC signature of the real SDKs
faults.py      faults on demand: for whom, and how often
message_store.py  accepted messages, written to disk before they are acknowledged
wire.py        `POST /sms`, `POST /emails:send`, `GET /emails/operations/{id}`
call_wire.py   calls: `POST /calling/callConnections` and what is done in a call
phones.py      the phones: what each does, what it heard; `POST /phones`, `GET /calls`
call_reports.py  the signed reports about calls, and the keys
inbox.py       the inbox page, `GET /messages`, `POST /faults`, `POST /clear`
reports.py     `POST /reports`: puts a delivery report into the queue, as Event Grid does
transport.py   closes a connection in the middle of a response
page.html      the inbox page
"""
