"""METHODS: how a person proves who they are. One file each; `ALL` is the order in which a page shows them.

A method is pure: it says which channels carry its code and how its contact is read. Sending, storing, counting and
the time belong to others. docs/adding-a-method.md tells how to add one.
"""

from shared.methods.base import Method
from shared.methods.email_code import EMAIL
from shared.methods.mobile_phone import MOBILE_PHONE
from shared.methods.office_phone import OFFICE_PHONE

ALL: dict[str, Method] = {method.name: method for method in (EMAIL, MOBILE_PHONE, OFFICE_PHONE)}
"""Every method that data may be stored for; which ones prove something is the policy's `methods`."""

__all__ = ["ALL", "Method"]
