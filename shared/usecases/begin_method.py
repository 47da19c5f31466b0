"""Begin to register a method: send a code to a contact, or show a new secret once (M2-M8).

Long: both families begin here, with the same checks of the row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from shared.domain.account import DirectoryEntry
from shared.domain.contact import masked_name, refuse_own_mailbox
from shared.domain.daily_events import Event, refuse_more
from shared.domain.errors import ActivationRequired, InvalidInput, Limited, NotFound, ProofRequired, TryAgain
from shared.domain.limits import REGISTRATION_SENDS
from shared.domain.person import REGISTRATION_GATE, AttemptId, MethodState, PendingMethod, Person, Purpose, Source
from shared.domain.policy import Policy
from shared.domain.registration import NewMethod, begun_with_code, begun_with_secret, is_change, refuse_alone
from shared.domain.sent_codes import code_order, failures_now, is_suspended
from shared.domain.session import Session
from shared.domain.trail import CodeOrder, Tag, Trail
from shared.methods import ALL, Enrolment, HashedSecretMethod, KeptSecretMethod, Method, RelyingParty, SentCodeMethod
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring
from shared.ports.opt_outs import OptOuts
from shared.ports.outbox import Outbox
from shared.ports.randomness import Randomness
from shared.ports.slow_hasher import SlowHasher
from shared.ports.store import StoreLost
from shared.usecases._asking import chosen_channel, refuse_what_only_codes_have
from shared.usecases._change_proof import ChangeProofs
from shared.usecases._judging import context_of
from shared.usecases._limits import Limits
from shared.usecases._rows import Rows
from shared.usecases._sealing import Sealing
from shared.usecases._signed_in import Caller, SignedIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The request of the person. Which fields are allowed depends on the family of the method."""

    contact: str | None = None
    """As typed. None confirms the stored contact, prefilled or confirmed."""
    channel: str | None = None
    label: str | None = None
    """The person's own name for a kept secret."""
    credential: str | None = None
    """The kept secret that the new one replaces."""
    proof: str | None = None
    """The proof by another method. Needed once a method can prove something (rule 20)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A code will be sent (`channel`; `wait` until another, in seconds), or a secret is shown (`enrolment`)."""

    method: str
    expires_at: datetime
    channel: str | None = None
    wait: int | None = None
    code_expires_in: int | None = None
    """The life of the code, in seconds."""
    enrolment: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BeginMethod:
    """Begins a registration. It has its own purpose, so its tries and failures count separately (rule 13)."""

    signed_in: SignedIn
    outbox: Outbox
    rows: Rows
    sealing: Sealing
    limits: Limits
    proofs: ChangeProofs
    keyring: Keyring
    hasher: SlowHasher
    opt_outs: OptOuts
    randomness: Randomness
    clock: Clock
    relying_party: RelyingParty
    offered_channels: frozenset[str]
    policy: Policy

    async def __call__(self, token: str, name: str, wish: Wish, trail: Trail, *, client: str = "") -> Begun:
        """Return what the person must answer.

        Raises SignInRequired, SignInAgain, ProofRequired, NotFound, InvalidInput, and Limited while no other code may
        be sent.
        """
        caller = await self.signed_in.for_a_registration(token)
        if name not in self.policy.methods:
            raise NotFound
        try:
            match ALL[name]:
                case SentCodeMethod() as method:
                    begun = await self._with_code(caller, method, wish, trail)
                case KeptSecretMethod() as method:
                    begun = await self._with_secret(caller, method, wish, trail)
        except ProofRequired:
            await self.proofs.tell_unless_proved(caller.session, client)
            raise
        trail.record(Tag.METHOD_BEGUN, self.clock.now(), account=caller.session.account, method=name)
        return begun

    async def _with_code(self, caller: Caller, method: SentCodeMethod, wish: Wish, trail: Trail) -> Begun:
        typed_there = wish.contact if method.set_by_administrator else None
        for field, given in (("label", wish.label), ("credential", wish.credential), ("contact", typed_there)):
            if given is not None:
                raise InvalidInput(field, "not_allowed")
        now, nonce, registration = self.clock.now(), self.randomness.token(), self.randomness.token()
        channel = chosen_channel(method, wish.channel, self.offered_channels)
        typed = None if wish.contact is None else method.contact(wish.contact, self.policy)
        session = caller.session
        asked = self.sealing.destination(typed.canonical) if typed else self._stored_destination(caller, method)
        await self._refuse_unproved(caller, method, asked, wish)
        counted = await self.limits.enforce(REGISTRATION_SENDS, trail, account=session.account)
        if channel == "sms" and await self.opt_outs.stands(asked):  # who answers STOP refuses texts, not calls
            raise InvalidInput("contact", "opted_out")
        entry = await self.signed_in.entry_now(caller, trail)
        if typed is not None:
            refuse_own_mailbox(typed, entry.mail_domains)
        row = self.rows.change(session.account, nonce, stored=caller.stored)
        while True:
            person = self._own(await row.read(), session, entry, trail)
            self._refuse_suspended(person, method.name, now)
            new = (
                NewMethod(sealed=self.sealing.contact(session.account, method, typed), source=Source.SELF)
                if typed is not None
                else self._prefilled(person, method, entry)
            )
            new = await self._with_proof(person, session, new, wish)
            after, pending = begun_with_code(
                person,
                new,
                channel,
                registration=registration,
                nonce=nonce,
                code_key=self.keyring.code_key_version,
                now=now,
                policy=self.policy,
            )
            self._refuse_more_changes(person, pending, now, trail)
            if await row.write(after):
                break
        wait = int(self.policy.wait_after(pending.code.send).total_seconds()) if pending.code else 0
        try:
            # Not before the write: `deliver` sends only the code of what is pending.
            with self.limits.giving_back(REGISTRATION_SENDS, counted, account=session.account):
                await self.outbox.leave([self._order(session, pending, after.language, now)])
        except StoreLost:
            raise TryAgain(max(1, wait)) from None
        life = int(self.policy.code_life(channel).total_seconds())
        return Begun(
            method=method.name, channel=channel, wait=wait, code_expires_in=life, expires_at=pending.expires_at
        )

    async def _with_secret(self, caller: Caller, method: KeptSecretMethod, wish: Wish, trail: Trail) -> Begun:
        refuse_what_only_codes_have(wish.channel, wish.contact)
        if isinstance(method, HashedSecretMethod):  # nothing is sent, but the hashes are dear
            await self._refuse_unproved(caller, method, "", wish)
            await self.limits.enforce(REGISTRATION_SENDS, trail, account=caller.session.account)
        entry, session = await self.signed_in.entry_now(caller, trail), caller.session
        now, nonce, registration = self.clock.now(), self.randomness.token(), self.randomness.token()
        credential = self.randomness.token()
        enrolment = await self._enrolment(caller.person, method, wish, session.name)
        new = NewMethod(
            sealed=self.sealing.secret(session.account, method, enrolment.kept, credential),
            source=Source.SELF,
            label=wish.label or "",
            replaces=wish.credential or "",
        )
        row = self.rows.change(session.account, nonce, stored=caller.stored)
        while True:
            person = self._own(await row.read(), session, entry, trail)
            self._refuse_suspended(person, method.name, now)
            refuse_alone(person, method.evidence, self.policy, now)
            proved = await self._with_proof(person, session, new, wish)
            after, pending = begun_with_secret(
                person, proved, method.most, registration=registration, nonce=nonce, now=now, policy=self.policy
            )
            self._refuse_more_changes(person, pending, now, trail)
            if await row.write(after):
                break
        return Begun(method=method.name, expires_at=pending.expires_at, enrolment=enrolment.shown)

    async def _refuse_unproved(self, caller: Caller, method: Method, destination: str, wish: Wish) -> None:
        """Raise ProofRequired before anything is counted or hashed: a stolen sign-in spends nothing of its owner.

        What is written is decided at each read of the row.
        """
        person, there = caller.person, caller.person.method(method.name)
        again = there is not None and there in person.confirmed and there.destination == destination
        if not (again or caller.session.opening):
            await self.proofs.require(person, caller.session, wish.proof, other_than=destination, adds=True)

    def _stored_destination(self, caller: Caller, method: SentCodeMethod) -> str:
        registered = caller.person.method(method.name)
        return registered.to_confirm.destination if registered else caller.session.account

    async def _enrolment(self, person: Person, method: KeptSecretMethod, wish: Wish, account_name: str) -> Enrolment:
        others = (m.sealed for m in person.methods if m.name == method.name and m.credential != wish.credential)
        opened = (self.sealing.open(person.account, sealed) for sealed in others)
        seed = self.randomness.seed()
        context = context_of(person.account, self.keyring, self.relying_party, self.policy, self.clock.now())
        if isinstance(method, HashedSecretMethod):
            salt = self.hasher.salt(self.randomness.seed())
            hashes = await self.hasher.hashed(salt, method.drawn(seed), turn=person.account)
            context = replace(context, salt=salt, hashes=hashes)
        return method.begin_enrolment(
            seed, context, account_name=account_name, others=[text for text in opened if text is not None]
        )

    def _own(self, person: Person, session: Session, entry: DirectoryEntry, trail: Trail) -> Person:
        """Return the row of the signed-in person, with what the directory says now."""
        session.bound_to(person)
        own = replace(
            person,
            object_id=entry.object_id,
            masked_name=masked_name(entry.names[0]),
            privileged=entry.is_privileged,
        )
        return own.speaking(trail.language)

    async def _with_proof(self, person: Person, session: Session, new: NewMethod, wish: Wish) -> NewMethod:
        """Return the new method, and whether it is proved. To confirm again what is confirmed needs no proof."""
        registered, destination = person.method(new.name, new.replaces), new.sealed.destination
        before = registered.destination if registered is not None else ""
        stored = registered.destinations if registered is not None else ()
        new = replace(new, is_stored=destination in stored, opening=session.opening)
        if session.opening:
            return new  # a code of an administrator takes the place of a proof (rules 20 and 27)
        if destination in {method.destination for method in person.compromised}:
            raise ActivationRequired  # its answer proves nothing, whoever gives it
        if before == destination and registered in person.confirmed:
            return new
        proved = await self.proofs.require(person, session, wish.proof, other_than=destination, adds=True)
        fully = bool(before) and self.proofs.fully(person, session, wish.proof, without=before)
        return replace(new, proved=proved, fully_proved=fully)

    def _refuse_more_changes(self, person: Person, pending: PendingMethod, now: datetime, trail: Trail) -> None:
        if is_change(person, pending):  # `confirm` refuses it too; here no code is sent for nothing
            refuse_more(person, Event.METHOD, self.policy, now, partial(self.limits.record_refusal, trail))

    def _refuse_suspended(self, person: Person, name: str, now: datetime) -> None:
        """Raise Limited while too many wrong answers close the registration of this method."""
        of = AttemptId(purpose=Purpose.REGISTRATION, verification="", gate=REGISTRATION_GATE, method=name)
        failures = failures_now(person, of, now)
        if is_suspended(failures, self.policy, now):
            raise Limited(int(((failures.suspended_until or now) - now).total_seconds()) + 1)

    def _prefilled(self, person: Person, method: SentCodeMethod, entry: DirectoryEntry) -> NewMethod:
        """Return the stored contact, to be confirmed or confirmed again. Raises InvalidInput if there is none."""
        registered = person.method(method.name)
        contact = self.sealing.open_contact(person.account, registered.to_confirm) if registered else None
        if registered is None or contact is None:  # or its key was removed: the person must type it again
            raise InvalidInput("contact", "missing")
        is_prefilled = registered.state is MethodState.PREFILLED or registered.offer is not None
        if is_prefilled:
            refuse_own_mailbox(contact, entry.mail_domains)
        sealed = self.sealing.contact(person.account, method, contact)  # under the newest key
        source = registered.source if registered.offer is None else Source.ADMINISTRATOR
        return NewMethod(sealed=sealed, source=source)

    def _order(self, session: Session, pending: PendingMethod, language: str, now: datetime) -> CodeOrder:
        assert pending.code is not None  # noqa: S101  `begun_with_code` has just set it
        ends_at = pending.expires_at
        return code_order(session.account, pending.code, pending.code_key, ends_at, now, self.policy, language=language)
