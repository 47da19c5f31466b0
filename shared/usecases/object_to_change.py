"""Stop a change by the code from its notice: "this was not me" (rule 29)."""

from dataclasses import dataclass

from shared.domain.limits import OBJECTION_BY_CLIENT, OBJECTION_BY_NAME
from shared.domain.objection import stopped
from shared.domain.trail import Tag, Trail
from shared.methods import ALL, KeptSecretMethod
from shared.ports.clock import Clock
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._due import Scheduling
from shared.usecases._objections import ObjectionCodes
from shared.usecases._rows import Rows
from shared.usecases._typed_name import TypedName
from shared.validation.client_address import coarse_network
from shared.validation.typed_code import typed_objection

STEP = "objection"

LIMITS = (OBJECTION_BY_CLIENT, OBJECTION_BY_NAME)


@dataclass(frozen=True, slots=True)
class ObjectToChange:
    """Answers the same to everybody, and reads and writes one row: of nobody's name and for a wrong code too.

    A wrong code ends nothing. Past a limit of the name the bot check opens more, without end: strangers must not keep
    the owner from stopping a change (rule 10), and a code has 50 bits.
    """

    typed_name: TypedName
    objections: ObjectionCodes
    rows: Rows
    scheduling: Scheduling
    promised: PromisedNotices
    randomness: Randomness
    clock: Clock

    async def __call__(self, identifier: str, text: str, client: str, trail: Trail, *, solution: str = "") -> None:
        """Stop the change, if there is one. Raises InvalidInput for what no code is, BotCheckRequired and Limited."""
        code = typed_objection(text)
        admitted = await self.typed_name.admitted(
            identifier, client, trail, step=STEP, limits=LIMITS, solution=solution
        )
        now = self.clock.now()
        event, version, session_version = (self.randomness.token() for _ in range(3))
        row = self.rows.change(admitted.account, event)
        while True:
            person = await row.read()
            change = self.objections.change_by(person, code, now)
            after = person
            if change is not None:
                after = stopped(
                    person,
                    change,
                    event=event,
                    version=version,
                    session_version=session_version,
                    now=now,
                    most=_most,
                    origin=coarse_network(client),
                )
                after = await self.scheduling.entered(after, before=person)
            if after.owes(event):
                await row.promise(self.promised.promise_or_enter)
            if await row.write(after):
                break
        if change is not None:
            await self.scheduling.leave(person.reminder_day, after)
        trail.record(
            Tag.OBJECTION_REFUSED if change is None else Tag.CHANGE_STOPPED,
            now,
            account=admitted.account,
            client_key=admitted.client_key,
            method=change.method if change else "",
        )


def _most(name: str) -> int:
    method = ALL.get(name)
    return method.most if isinstance(method, KeptSecretMethod) else 1
