"""What `test_families.py` needs for the office phone."""

from tests.methods import about_mobile_phone

TAKEN = {**about_mobile_phone.TAKEN, "+33 1 55 50 12 34 ext. 12": "+33155501234;ext=12"}
REFUSED = {
    what: text for what, text in about_mobile_phone.REFUSED.items() if what not in {"a fixed line", "an extension"}
}
