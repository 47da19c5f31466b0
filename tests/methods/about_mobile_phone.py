"""What `test_families.py` needs for the mobile phone."""

TAKEN = {
    "+33639980001": "+33639980001",
    " +33 6 39 98 00 01 ": "+33639980001",
    "+44 (7700) 900-123": "+447700900123",
    "06 39 98 00 01": "+33639980001",
    "+33\u0666\u0663\u0669\u0669\u0668\u0660\u0660\u0660\u0661": "+33639980001",
}
REFUSED = {
    "too short": "+336399800",
    "letters": "+33 6 39 98 AB CD",
    "an extension": "+33639980001;ext=12",
    "two numbers": "+33639980001,+33639980002",
    "a fixed line": "+33155501234",
    "a premium number": "+33899700000",
    "a country that the policy leaves out": "+79123456789",
    "an address": "ada@mail.example",
}
