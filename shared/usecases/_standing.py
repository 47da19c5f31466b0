"""What a signed-in person sees of the own registration, and who that person is."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.account import AccountKey
from shared.domain.gates import due_at, satisfied_by
from shared.domain.person import MethodState, Person, RegisteredMethod
from shared.domain.policy import Policy
from shared.domain.session import Session
from shared.methods import ALL
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.tokens import TokenPurpose, Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodView:
    """One method as its owner sees it: the contact in full, since nobody else reads this (M12)."""

    method: str
    contact: str
    state: str
    confirmed_at: datetime | None
    usable_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationView:
    """`missing` names what could still be registered while the confirmed methods do not open every gate."""

    methods: tuple[MethodView, ...]
    missing: tuple[str, ...]
    due_at: datetime | None
    roles: tuple[str, ...]
    offered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Opens a session and renders a row for its owner; bundled once for the use-cases of `me`."""

    keyring: Keyring
    tokens: Tokens
    clock: Clock
    policy: Policy

    def session(self, token: str) -> Session:
        """Raises SignInRequired for anything but a session of ours that has not expired."""
        return self.tokens.open(TokenPurpose.SESSION, token, Session).still_valid(self.clock.now())

    def fresh_session(self, token: str) -> Session:
        """A session young enough to change a method. Raises SignInRequired or SignInAgain (R-62)."""
        session = self.session(token)
        session.fresh_enough(self.clock.now(), self.policy)
        return session

    def view(self, person: Person, session: Session) -> RegistrationView:
        now = self.clock.now()
        due = due_at(person, self.policy)
        views = [
            MethodView(
                method=method.name,
                contact=self._open(method.sealed, person.account, method.name),
                state=self._state(person, method, stale=bool(due and now >= due)),
                confirmed_at=method.confirmed_at,
                usable_from=method.usable_from if method.usable_from and now < method.usable_from else None,
            )
            for method in person.methods
            if not self._replaced_by_pending(person, method.name, now)
        ]
        views += [
            MethodView(
                method=pending.name,
                contact=self._open(pending.sealed, person.account, pending.name),
                state="pending",
                confirmed_at=None,
                usable_from=None,
            )
            for pending in person.pending
            if self._replaced_by_pending(person, pending.name, now)
        ]
        order = list(ALL)
        readable = self.readable(person)
        enough = satisfied_by(readable, self.policy.gates)
        confirmed = {method.name for method in readable}
        # What cannot be read and proves nothing is as good as not there: it is to be entered anew.
        views = [view for view in views if view.contact or view.state == "suspect"]
        return RegistrationView(
            methods=tuple(sorted(views, key=lambda view: order.index(view.method))),
            missing=() if enough else tuple(name for name in self.policy.methods if name not in confirmed),
            due_at=due,
            roles=session.roles,
            offered=self.policy.methods,
        )

    def readable(self, person: Person) -> tuple[RegisteredMethod, ...]:
        """The confirmed methods whose contact opens. One that does not (its key is no longer held) gets no code.

        Shown as suspect, with no contact, to be replaced; counted as missing.
        """
        return tuple(m for m in person.confirmed if self._open(m.sealed, person.account, m.name))

    def resealed(self, person: Person) -> Person:
        """The row with every confirmed contact under the newest key, so that an older one may be given up one day."""
        methods = tuple(
            replace(m, sealed=self.keyring.resealed(m.sealed, account=person.account, purpose=m.name))
            for m in person.methods
        )
        return replace(person, methods=methods)

    def _state(self, person: Person, method: RegisteredMethod, *, stale: bool) -> str:
        if method.state is not MethodState.CONFIRMED:
            return method.state.value
        if method.suspect_at is not None or method not in self.readable(person):
            return "suspect"
        return "stale" if stale else method.state.value

    def _replaced_by_pending(self, person: Person, name: str, now: datetime) -> bool:
        """A pending contact is shown in place of a prefilled one, never of one that is confirmed and still in force."""
        pending, method = person.pending_for(name), person.method(name)
        if pending is None or now >= pending.expires_at:
            return False
        return method is None or method.state is MethodState.PREFILLED

    def _open(self, sealed: str, account: AccountKey, name: str) -> str:
        try:
            return ALL[name].stored(self.keyring.open(sealed, account=account, purpose=name)).text
        except Unreadable:
            return ""
