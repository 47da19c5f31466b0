"""Register: begin and confirm one's own ways to prove who one is (M2-M8)."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.account import AccountKey
from shared.domain.audit import AuditEvent, Tag
from shared.domain.claims import CodeOrder, failures_key, failures_now, is_suspended
from shared.domain.errors import InvalidInput, Limited, NotFound, Refused
from shared.domain.judgement import Question
from shared.domain.person import MethodState, PendingContact, Person, Purpose, Source
from shared.domain.registration import NewContact, begun, confirmed
from shared.domain.trail import Trail
from shared.methods import ALL
from shared.ports.keyring import Unreadable
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.rate_limiter import RateLimiter
from shared.usecases._answering import Answering
from shared.usecases._conditional import Decision, decide
from shared.usecases._due import Scheduling
from shared.usecases._standing import RegistrationView, Standing
from shared.validation.client_address import coarse_network

REGISTRATION_GATE = 0
"""Registration's codes stand at no gate of a reset; 0 keeps their counters apart."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A code is on its way."""

    method: str
    channel: str
    wait: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Register:
    """The same codes, claims and counters as a reset, with a purpose of their own (rule 13)."""

    people: People
    answering: Answering
    scheduling: Scheduling
    standing: Standing
    limiter: RateLimiter
    randomness: Randomness

    async def begin(
        self, token: str, method: str, trail: Trail, *, contact: str | None, channel: str | None, language: str
    ) -> Begun:
        """Send a code to a new contact, or to the prefilled one when `contact` is None.

        Raises SignInRequired, SignInAgain, NotFound, InvalidInput, and Limited while it is too early for another code.
        """
        policy, keyring, now = self.standing.policy, self.standing.keyring, self.standing.clock.now()
        session = self.standing.fresh_session(token)
        chosen = self._channel(method, channel)
        typed = None if contact is None else ALL[method].contact(contact, policy)
        registration = self.randomness.token()
        asked: PendingContact | None = None

        def decision_on(person: Person) -> Decision[Person]:
            nonlocal asked
            session.bound_to(person)
            failures = failures_now(person, failures_key(Purpose.REGISTRATION, REGISTRATION_GATE, method), now)
            if is_suspended(failures, policy, now, known_client=False):
                raise Limited(int(((failures.suspended_until or now) - now).total_seconds()) + 1)
            if typed is not None:
                new = NewContact(
                    name=method,
                    sealed=keyring.seal(typed.text, account=person.account, purpose=method),
                    destination=keyring.digest("destination", typed.canonical),
                    source=Source.SELF,
                )
            else:
                new = self._stored(person, method)
            after = begun(
                replace(
                    person,
                    object_id=session.object_id,
                    privileged=bool(session.roles),
                    language=person.language or language,
                ),
                new,
                chosen,
                registration=registration,
                code_key=keyring.code_key_version,
                now=now,
                policy=policy,
            )
            asked = after.pending_for(method)
            return Decision(after, after)

        allowance = await self.limiter.hit(
            keyring.digest("registration.sends", session.account), policy.registration_send_rates
        )
        if not allowance.allowed:
            raise Limited(allowance.retry_after)
        told = await decide(
            self.people,
            session.account,
            decision_on,
            # The whole of it: a resend keeps its registration's id, and is told from the first send by its number.
            landed=lambda row: row.pending_for(method) == asked,
        )
        person = told.outcome
        pending = person.pending_for(method)
        assert pending is not None  # noqa: S101  `begun` has just put it there
        trail.orders.append(
            CodeOrder(
                purpose=Purpose.REGISTRATION,
                account=session.account,
                verification=pending.registration,
                gate=REGISTRATION_GATE,
                method=method,
                channel=chosen,
                send=pending.send,
                code_key=pending.code_key,
                expires_at=min(now + policy.code_life(chosen), pending.expires_at).replace(microsecond=0),
                leaves_at=pending.expires_at.replace(microsecond=0),
                client=keyring.digest("client", session.account),
                contact_matches=True,
                language=language,
            )
        )
        self._record(trail, Tag.METHOD_BEGUN, session.account, method)
        wait = int(policy.wait_after(pending.send).total_seconds())
        return Begun(method=method, channel=chosen, wait=wait, expires_at=pending.expires_at)

    async def confirm(
        self, token: str, method: str, answer: str, trail: Trail, *, client: str = ""
    ) -> RegistrationView:
        """Take the code that came. Raises Refused for a wrong one, and the session's errors."""
        policy, now = self.standing.policy, self.standing.clock.now()
        session = self.standing.fresh_session(token)
        self._channel(method, None)
        earlier_day = ""

        def question_on(person: Person) -> Question | None:
            nonlocal earlier_day
            session.bound_to(person)
            earlier_day = person.reminder_day
            pending = person.pending_for(method)
            if pending is None or now >= pending.expires_at:
                return None
            return Question(
                purpose=Purpose.REGISTRATION,
                verification=pending.registration,
                gate=REGISTRATION_GATE,
                method=method,
                channel=pending.channel,
                send=pending.send,
            )

        version = self.randomness.token()

        def once_right(person: Person, event: str) -> Person:
            pending = person.pending_for(method)
            assert pending is not None  # noqa: S101  `question_on` found it on this very row
            return self.scheduling.scheduled(
                confirmed(
                    person, pending, event=event, version=version, now=now, policy=policy, origin=coarse_network(client)
                )
            )

        judgement, person = await self.answering(
            session.account,
            question_on,
            answer,
            trail,
            client=client,
            accepts=lambda row, claim: any(p.destination == claim.destination for p in row.pending if p.name == method),
            once_right=once_right,
            before_right=self.scheduling.enter,
        )
        if not judgement.right:
            self._record(trail, Tag.METHOD_REFUSED, session.account, method)
            raise Refused
        await self.scheduling.leave(earlier_day, person)
        self._record(trail, Tag.METHOD_CONFIRMED, session.account, method)
        return self.standing.view(person, session)

    def _channel(self, method: str, channel: str | None) -> str:
        if method not in self.standing.policy.methods:
            raise NotFound
        channels = ALL[method].channels
        if channel is not None and channel not in channels:
            raise InvalidInput("channel", "not_offered")
        return channel or channels[0]

    def _stored(self, person: Person, name: str) -> NewContact:
        method = person.method(name)
        if method is None:
            raise InvalidInput("contact", "missing")
        keyring = self.standing.keyring
        try:
            text = keyring.open(method.sealed, account=person.account, purpose=name)
        except Unreadable:  # its key is no longer held: it is to be typed again
            raise InvalidInput("contact", "missing") from None
        sealed = keyring.seal(text, account=person.account, purpose=name)  # anew, so that older keys become free to go
        source = Source.ADMINISTRATOR if method.state is MethodState.PREFILLED else method.source
        return NewContact(name=name, sealed=sealed, destination=method.destination, source=source)

    def _record(self, trail: Trail, tag: Tag, account: AccountKey, method: str) -> None:
        trail.events.append(AuditEvent(tag=tag, at=self.standing.clock.now(), account=account, method=method))
