"""Tell a sign-in page what it must ask the signed-in person for, and where to send them and back (M14)."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from shared.domain.errors import InvalidInput
from shared.domain.policy import Policy
from shared.domain.return_address import ReturnAddress, allowed
from shared.domain.sign_in_status import SignInStatus, asked, put_off_until
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.randomness import Randomness
from shared.usecases._own_registration import OwnRegistration
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """What a sign-in page asks for. Without a `return_to` in the request, the last two fields are None."""

    status: SignInStatus
    required: bool
    needs_activation: bool
    """Whether it can be done only with an activation code (rule 20)."""
    skip_until: datetime | None
    register_at: str
    return_to: str | None = None
    return_name: str | None = None


@dataclass(frozen=True, slots=True)
class AskAtSignIn:
    """Remembers on the row when it first said that something is due. Otherwise it changes nothing."""

    signed_in: SignedIn
    own_registration: OwnRegistration
    rows: Rows
    randomness: Randomness
    clock: Clock
    policy: Policy
    return_addresses: tuple[ReturnAddress, ...]
    register_page: str

    async def __call__(self, token: str, return_to: str | None, trail: Trail) -> AskedFor:
        """Return what to ask for.

        Raises SignInRequired (rule 18), InvalidInput for an address that is not on the list, and TryAgain. The address
        is judged after the session, so that a stranger learns nothing about the list.
        """
        caller = await self.signed_in.for_a_view(token)
        onward = None
        if return_to is not None:
            onward = allowed(return_to, self.return_addresses)
            if onward is None:
                raise InvalidInput("return_to", "not_allowed")
        now = self.clock.now()
        row = self.rows.change(caller.session.account, self.randomness.token(), stored=caller.stored)
        while True:
            person = await row.read()
            caller.session.bound_to(person)
            status = await self.own_registration.status(person, caller.session.roles)
            after = asked(person, status, now)
            if await row.write(None if after == person else after):
                break
        if after != person and after.asked is not None:
            trail.record(Tag.REGISTRATION_ASKED, now, account=caller.session.account, cause=status.value)
        until = put_off_until(after, self.policy)
        return AskedFor(
            status=status,
            required=until is not None and now >= until,
            needs_activation=after.needs_activation(self.policy.methods),
            skip_until=until if until is not None and now < until else None,
            register_at=self._page(onward[1] if onward else ""),
            return_to=onward[1] if onward else None,
            return_name=onward[0].name if onward else None,
        )

    def _page(self, return_to: str) -> str:
        # In the fragment, which browsers send to no server and no log.
        return f"{self.register_page}#return_to={quote(return_to, safe='')}" if return_to else self.register_page
