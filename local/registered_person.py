"""A row with contacts on it already, for demo people, measurements and tests: they have no messages to wait for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.domain.account import ObjectId
from shared.domain.person import MethodState, Person, RegisteredMethod, Source
from shared.methods import ALL, SentCodeMethod
from shared.ports.keyring import Keyring
from shared.usecases._sealing import Sealing


def registered_person(
    keyring: Keyring,
    object_id: ObjectId,
    contacts: Mapping[str, str],
    *,
    at: datetime,
    state: MethodState = MethodState.CONFIRMED,
    **row: Any,
) -> Person:
    """The row of somebody who has these contacts, by method, since that instant; `row` sets further fields.

    Set `password_stamp` to that of the directory, as a sign-in does. Otherwise a reset within minutes of the password
    is refused (rule 11).
    """
    account, sealing = keyring.account_key(object_id), Sealing(keyring)
    methods = []
    for name, text in contacts.items():
        method = ALL[name]
        if not isinstance(method, SentCodeMethod):
            raise TypeError(f"{name} has no contact")
        methods.append(
            RegisteredMethod(
                sealed=sealing.contact(account, method, method.stored(text)),
                state=state,
                source=Source.SELF,
                set_at=at,
                confirmed_at=at if state is MethodState.CONFIRMED else None,
            )
        )
    return Person(account=account, object_id=object_id, methods=tuple(methods), **row)


def where_it_is_noon(now: datetime) -> str:
    """The name of a time zone in which it is about noon, for people who are to be reminded now: never at night."""
    return f"Etc/GMT{now.astimezone(UTC).hour - 12:+d}"
