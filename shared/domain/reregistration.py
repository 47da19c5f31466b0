"""Ask a person, for an administrator, to confirm every method again (rule 20).

What was confirmed opens no gate of a reset until it has answered again. It keeps the power to prove a change: otherwise
whoever knows the password could register methods of their own as soon as an administrator asks for new ones.
"""

from dataclasses import replace

from shared.domain.person import MethodState, Notice, Person


def asked_for(person: Person, *, notice: Notice, version: str, session_version: str) -> Person:
    """Return the row with every confirmed method to be confirmed again. The same row if there is none.

    Both versions move: every reset and every session that is under way ends.
    """
    methods = tuple(replace(m, must_renew=m.state is MethodState.CONFIRMED) for m in person.methods)
    if methods == person.methods:
        return person
    after = replace(person, methods=methods, version=version, session_version=session_version)
    return after.with_notice(notice, alone=True)


def answered(person: Person, destination: str) -> Person:
    """Return the row after a right answer by the method at this destination, which so is confirmed again."""
    methods = tuple(
        replace(method, must_renew=False) if method.destination == destination else method for method in person.methods
    )
    return replace(person, methods=methods)
