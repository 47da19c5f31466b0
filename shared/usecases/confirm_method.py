"""Confirm a method by the code that was sent to a new contact, or by the first answer of a new secret (M2-M8)."""

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NoReturn

from shared.domain.account import AccountKey, DirectoryEntry
from shared.domain.activation import spent
from shared.domain.daily_events import Event, refuse_more
from shared.domain.errors import AnswerRefused, NotFound, NoTriesLeft, Refused, TryAgain
from shared.domain.person import NEVER_FIRST, Evidence, PendingMethod, Person
from shared.domain.policy import Policy
from shared.domain.registration import confirmed, is_change, refuse_alone
from shared.domain.session import Session
from shared.domain.trail import Tag, Trail
from shared.domain.verification import PassedGate
from shared.methods import ALL, KnownSecretMethod, Method
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.promised_notices import PromisedNotices
from shared.ports.randomness import Randomness
from shared.usecases._change_proof import ChangeProofs
from shared.usecases._due import Scheduling
from shared.usecases._judging import Answer, Judging, exact_answer
from shared.usecases._limits import Limits
from shared.usecases._name_binding import NameBinding
from shared.usecases._own_registration import OwnRegistration, RegistrationView
from shared.usecases._questions import texts_of
from shared.usecases._rows import Rows
from shared.usecases._signed_in import SignedIn
from shared.validation.client_address import coarse_network


@dataclass(frozen=True, slots=True)
class ConfirmMethod:
    """Registers the method in the same write that counts the right answer."""

    keyring: Keyring
    rows: Rows
    signed_in: SignedIn
    name_binding: NameBinding
    judging: Judging
    scheduling: Scheduling
    own_registration: OwnRegistration
    proofs: ChangeProofs
    promised: PromisedNotices
    limits: Limits
    randomness: Randomness
    clock: Clock
    policy: Policy

    async def __call__(
        self, token: str, name: str, text: str, trail: Trail, *, client: str = ""
    ) -> tuple[RegistrationView, str | None]:
        """Return the registration after the method was confirmed, and the proof that a new usable method is.

        Raises AnswerRefused or NoTriesLeft for a wrong answer, Refused where nothing is pending, InvalidInput for text
        whose form cannot be right, Limited after too many changes in a day, NotFound, SignInRequired and SignInAgain.
        """
        now, nonce, version = self.clock.now(), self.randomness.token(), self.randomness.token()
        if name not in self.policy.methods:
            raise NotFound
        method = ALL[name]
        exact = exact_answer(method, text, self.policy, first=True)
        caller = await self.signed_in.for_a_registration(token)
        entry, session = await self.signed_in.entry_now(caller, trail), caller.session
        row = self.rows.change(session.account, nonce, stored=caller.stored)
        while True:
            person = (await row.read()).speaking(trail.language)
            session.bound_to(person)
            self._refuse_weak(person, method, exact, entry, now)
            pending = self._pending(person, name, session, now, trail)
            if is_change(person, pending):  # before the answer is judged, and used up
                refuse_more(person, Event.METHOD, self.policy, now, partial(self.limits.record_refusal, trail))
            judged = await self.judging.judge(person, _answer(pending, exact, client, nonce, now), (pending.sealed,))
            if judged is None:
                self._note(trail, session.account, name)
                raise NoTriesLeft(0)
            judgement, proved = judged
            after = judgement.person
            if proved is not None:
                origin = coarse_network(client)
                after = confirmed(
                    after, pending, proved, event=nonce, version=version, now=now, policy=self.policy, origin=origin
                )
                after = after.with_known_client(self.keyring.client_key(client))
                after = spent(after, session.opening) if session.opening else after
                after = await self.scheduling.entered(after, before=person)
            if after.owes(nonce):
                await row.promise(self.promised.promise_or_enter if judgement.suspends else self.promised.promise)
            if await row.write(after):
                break
        if judgement.suspends:
            client_key = self.keyring.client_key(client)
            trail.record(Tag.METHOD_SUSPENDED, now, client_key=client_key, account=session.account, method=name)
        if proved is None:
            self._refuse(trail, session.account, name, tries_left=self._tries_left(after, pending))
        with contextlib.suppress(TryAgain):  # the method is confirmed, so that a failure refuses nothing
            await self.name_binding.know(session.name, client)
        await self.scheduling.leave(person.reminder_day, after)
        self._record(trail, name, session, spends=bool(session.opening) and after.activation != person.activation)
        proof = self._proof(session, person, pending, judgement.passed)
        return await self.own_registration.view(row.stored.person, entry.roles, opening=session.opening), proof

    def _record(self, trail: Trail, name: str, session: Session, *, spends: bool) -> None:
        now = self.clock.now()
        trail.record(Tag.METHOD_CONFIRMED, now, account=session.account, method=name)
        if spends:
            trail.record(Tag.ACTIVATION_USED, now, account=session.account, verification=session.activation)

    def _proof(self, session: Session, before: Person, pending: PendingMethod, evidence: Evidence | None) -> str | None:
        """Return the proof that a new method is. A contact that was confirmed again is none: its message did not say
        that it allows a change. Nor is what proves too little alone: the page keeps the proof that it has.
        """
        there = before.method(pending.name)
        again = there is not None and there in before.confirmed and there.destination == pending.destination
        if evidence is None or again or evidence.kind in NEVER_FIRST:
            return None
        passed = PassedGate(gate=pending.attempt.gate, method=pending.name, evidence=evidence)
        return self.proofs.of(session, pending, passed)

    def _pending(self, person: Person, name: str, session: Session, now: datetime, trail: Trail) -> PendingMethod:
        """Return what is to be confirmed. What an administrator withdrew or replaced meanwhile is gone (rule 13).

        What was begun in an opening of an activation without a proof is confirmed in the same one only (rule 27).
        """
        pending = person.pending_for(name)
        there = person.method(name) if pending is not None and pending.is_stored else None
        withdrawn = (
            pending is not None
            and pending.is_stored
            and (there is None or pending.destination not in there.destinations)
        )
        if pending is None or withdrawn or pending.opening != session.opening or now >= pending.expires_at:
            self._note(trail, person.account, name)
            raise Refused
        return pending

    def _refuse_weak(self, person: Person, method: Method, answer: str, entry: DirectoryEntry, now: datetime) -> None:
        """Raise InvalidInput for what others would guess, and where it proves nothing. It costs no try."""
        if isinstance(method, KnownSecretMethod):
            refuse_alone(replace(person, privileged=entry.is_privileged), method.evidence, self.policy, now)
            method.refuse_guessable(answer, texts_of(self.policy), entry.names)

    def _note(self, trail: Trail, account: AccountKey, name: str) -> None:
        """Record a refusal that counts nothing, so that it can be repeated without end (R-100)."""
        self.limits.record_refusal(
            trail, "confirm", f"{account}.{name}", tag=Tag.METHOD_REFUSED, account=account, method=name
        )

    def _tries_left(self, person: Person, pending: PendingMethod) -> int:
        attempt = person.attempt(pending.attempt)
        return max(0, self.policy.tries_per_code - (attempt.tries if attempt else 0))

    def _refuse(self, trail: Trail, account: AccountKey, name: str, *, tries_left: int) -> NoReturn:
        """Raise the refusal with the tries left. The person has signed in, so they may come from the row."""
        trail.record(Tag.METHOD_REFUSED, self.clock.now(), account=account, method=name)
        raise AnswerRefused(tries_left) if tries_left else NoTriesLeft(0)


def _answer(pending: PendingMethod, exact: str, client: str, nonce: str, now: datetime) -> Answer:
    return Answer(
        attempt=pending.attempt,
        text=exact,
        expires_at=pending.expires_at,
        client=client,
        nonce=nonce,
        at=now,
        code=pending.code,
    )
