"""Send a reminder that was claimed on the row: to one method, within the limits, at most once by text message."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.account import AccountKey
from shared.domain.limits import REMINDERS
from shared.domain.person import Person, RegisteredMethod, Reminder, Sealed
from shared.methods import channel_to
from shared.ports.store import StoreLost
from shared.usecases._limits import Limits
from shared.usecases._outgoing import Outgoing, Spending

AMBIGUOUS_AFTER = timedelta(seconds=60)
"""An older claim without `sent` belongs to a delivery that stopped. An email is sent again, because the provider takes
one operation id only once. An SMS is not, because the person might get it twice."""


def reminded_at(person: Person) -> RegisteredMethod | None:
    """Return a method that is not suspect, and email before SMS: it can be repeated safely.

    Nothing is sent to a suspect one: every week a message to a dead address would harm the sender.
    """
    reachable = [method for method in person.confirmed if channel_to(method.name) and method.suspect_at is None]
    return min(reachable, key=lambda method: channel_to(method.name) != "email", default=None)


def after_a_claim(person: Person, earlier: Reminder, now: datetime, *, is_daytime: bool) -> str:
    """Return what to do where a delivery has claimed this entry before: `send` to claim it again, or why not."""
    if earlier.sent:
        return "sent_before"
    if now < earlier.at + AMBIGUOUS_AFTER:
        return "under_way"
    method = reminded_at(person)
    if method is None or channel_to(method.name) != "email":
        return "sent_before"
    return "send" if is_daytime else "at_night"


def is_dealt_with(cause: str) -> bool:
    """Whether nothing more happens for this entry. The others stay in the index, for a later run of the timer."""
    return cause in {"sent", "nowhere", "sent_before"} or cause.startswith("refused")


@dataclass(frozen=True, slots=True)
class Reminding:
    """The ports for reminders, for the deliveries that have claimed one."""

    outgoing: Outgoing
    limits: Limits
    spending: Spending

    async def send(
        self,
        person: Person,
        template: str,
        fields: Mapping[str, str],
        *,
        idempotency: str,
        release: Callable[[], Awaitable[None]],
    ) -> str:
        """Send it, and return the cause for the audit log.

        `release` removes the claim, where certainly nothing was sent. Raises StoreLost.
        """
        method = reminded_at(person)
        if method is None:
            return "nowhere"
        by_phone = channel_to(method.name) != "email"
        try:
            allowed = await self._allows(person.account, method.sealed, by_phone=by_phone)
        except StoreLost:  # a claim that stays would end this reminder by SMS
            await release()
            raise
        if not allowed:
            await release()
            return "limited"
        outcome = await self.outgoing.send(
            person.account,
            method.sealed,
            channel_to(method.name),
            template,
            {"account": person.masked_name, **fields},
            language=person.message_language,
            idempotency=idempotency,
            counted=by_phone,
        )
        if outcome.refused_for_now:  # the next run of the timer may try again, by SMS too
            await release()
        waits = outcome.owed and outcome.cause != "unreadable"  # the next reminder may find the key again
        return outcome.cause if outcome.sent or waits else f"refused {outcome.cause}"

    async def _allows(self, account: AccountKey, to: Sealed, *, by_phone: bool) -> bool:
        """Count the reminder, and what it costs. Raises StoreLost."""
        within = await self.limits.allows(REMINDERS, destination=self.spending.budget(account, to))
        return within and (not by_phone or await self.spending.allows(account, to))
