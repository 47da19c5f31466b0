"""What `test_families.py` needs for email."""

TAKEN = {
    "ada@mail.example": "ada@mail.example",
    " Ada.Lovelace@Mail.Example ": "Ada.Lovelace@mail.example",
    "Ada <ada+reset@xn--bcher-kva.example>": "ada+reset@xn--bcher-kva.example",
    "mailto:ada@b\u00fccher.example": "ada@xn--bcher-kva.example",
}
REFUSED = {
    "no at sign": "ada.mail.example",
    "no domain": "ada@",
    "no name": "@mail.example",
    "two addresses": "ada@mail.example,bob@mail.example",
    "a header": "ada@mail.example\r\nBcc: bob@mail.example",
    "an IP address": "ada@[192.0.2.1]",
    "a telephone number": "+33639980001",
}
