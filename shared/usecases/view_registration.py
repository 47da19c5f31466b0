"""View one's own registration: what is confirmed, missing, due or prefilled."""

from dataclasses import dataclass

from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class ViewRegistration:
    """Reads one row, for its owner only."""

    signed_in: SignedIn
    own_registration: OwnRegistration

    async def __call__(self, token: str) -> RegistrationView:
        """Return the registration. Raises SignInRequired."""
        caller = await self.signed_in.for_the_own_view(token)
        session = caller.session
        return await self.own_registration.view(caller.person, session.roles, opening=session.opening)
