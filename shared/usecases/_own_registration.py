"""Make what a signed-in person sees of their own registration. It depends on the families of methods only.

Long: the view has many fields, and each says what a page needs.
"""

import contextlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.account import AccountKey
from shared.domain.calls import VOICE
from shared.domain.contact import PhoneNumber
from shared.domain.gates import (
    Lack,
    Proof,
    Requirement,
    asked_at_registration,
    due_at,
    is_stale,
    needed_for_reset,
    proofs_by,
)
from shared.domain.loss_wait import wait_of
from shared.domain.person import (
    NEVER_FIRST,
    Evidence,
    EvidenceClass,
    MethodState,
    PendingMethod,
    Person,
    RegisteredMethod,
)
from shared.domain.policy import Policy
from shared.domain.reconfirming import is_asked, is_put_off, may_put_off, put_off_until
from shared.domain.senders import Sender, sender_to
from shared.domain.sign_in_status import SignInStatus
from shared.methods import ALL, KeptSecretMethod, SentCodeMethod
from shared.ports.clock import Clock
from shared.ports.opt_outs import OptOuts
from shared.ports.store import StoreLost
from shared.usecases._sealing import Sealing
from shared.validation.phone_country import country_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodView:
    """One method as its owner sees it. The contact is complete, because nobody else gets this view (M12)."""

    method: str
    credential: str
    """The id of one of several kept secrets. Empty for a contact."""
    contact: str
    """Empty for a kept secret, which is shown only once, at enrolment."""
    masked: str
    """The same with few characters, for a summary that may stay on a screen."""
    label: str
    state: str
    source: str
    set_at: datetime | None
    confirmed_at: datetime | None
    usable_from: datetime | None
    pending_contact: str | None = None
    """The contact of a change that is not confirmed yet. The old one stays in use until then."""
    left: int | None = None
    """How many answers of a kept secret are left. None if they are not numbered."""
    reconfirm: bool = False
    """Whether the page asks if it is still right."""
    opens_until: datetime | None = None
    """Until when it opens gates, if an administrator asked that it be confirmed again."""
    needed: bool = False
    """Whether the other methods no longer open every gate without it."""
    permission: str = ""
    """Of what an administrator entered: on which basis it may be used. Empty where the person entered it."""
    attested_by: str = ""
    """Who says so."""
    offered_contact: str = ""
    """What an administrator put in the place of a confirmed contact. The person confirms it or enters another one."""
    start_to: str = ""
    """Where the owner of an opted-out number texts START. Empty in every other state, and where nobody hears it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationView:
    """A registration as its owner sees it. `missing`: the methods that supply some of what it lacks."""

    methods: tuple[MethodView, ...]
    missing: tuple[str, ...]
    lacks: tuple[Lack, ...]
    """What the registration lacks, so that the page can say why. Empty once it is all that is asked for."""
    asked: int
    """How many methods of different classes the organisation asks for. A reset may need fewer."""
    addable: tuple[str, ...]
    """The methods of which one more may be added now."""
    due_at: datetime | None
    snooze_days: int
    """For how long the question may be put off. 0: there is none, or it may not wait any more."""
    snoozed_until: datetime | None
    """Until when it was put off. None once that has passed."""
    roles: tuple[str, ...]
    offered: tuple[str, ...]
    channels: Mapping[str, tuple[str, ...]]
    """The channels of each offered method whose code is sent."""
    ready: bool
    """Whether the methods that can be used now open every gate."""
    ready_from: datetime | None
    """When they will, because some rest until then (rule 21). None if they do, or if others are missing."""
    needs_activation: bool
    """Whether what could prove a change was declared compromised, so that it takes a code of administrators."""
    frozen: bool
    """Whether self-service is stopped until an administrator looks (rule 29)."""
    loss_wait_ends_at: datetime | None
    """When a method may be added without a proof, because all are lost (rule 20)."""
    loss_wait_lapses_at: datetime | None
    language: str | None
    """The language that the person chose for messages. None: that of the pages."""
    time_zone: str | None
    """The time zone that the person chose. None: that of the organisation."""


@dataclass(frozen=True, slots=True)
class OwnRegistration:
    """Makes the view of a row, for the use-cases that answer with it."""

    sealing: Sealing
    opt_outs: OptOuts
    senders: tuple[Sender, ...]
    channels_by_method: Mapping[str, tuple[str, ...]]
    clock: Clock
    policy: Policy

    async def opted_out(self, person: Person) -> frozenset[str]:
        """Return the destinations of confirmed methods to which nothing may be texted.

        Without an answer of the store they show as before: a view often follows a write that is done (rule 31).
        """
        found = set()
        with contextlib.suppress(StoreLost):
            for method in person.confirmed:
                is_phone = method.sealed.evidence.kind is EvidenceClass.PHONE_LINE
                if is_phone and await self.opt_outs.stands(method.destination):
                    found.add(method.destination)
        return frozenset(found)

    def reached(self, methods: Iterable[RegisteredMethod], opted_out: Collection[str]) -> tuple[RegisteredMethod, ...]:
        """Return the methods at which a code can arrive. Who answers STOP refuses texts, not calls."""
        called = {name for name, channels in self.channels_by_method.items() if VOICE in channels}
        return tuple(one for one in methods if one.destination not in opted_out or one.name in called)

    async def status(self, person: Person, roles: Collection[str]) -> SignInStatus:
        """Return what a sign-in page must ask the person for."""
        person = replace(person, privileged=bool(roles))
        readable, opted_out = self.readable(person), await self.opted_out(person)
        asked, now = asked_at_registration(self.policy, privileged=bool(roles)), self.clock.now()
        working = [one for one in self.reached(readable, opted_out) if not one.is_closed(now)]
        if set(asked.lacks(proofs_by(working, self.policy, now))) - {Lack.RECENT}:  # that one needs a reconfirmation
            return SignInStatus.MUST_REGISTER
        # These need attention now, not only at the due day: they may be needed before.
        suspect = tuple(working) != person.confirmed or any(
            self._is_suspect(person, one) or one.must_renew for one in readable
        )
        due = due_at(person, self.policy)
        late = due is not None and now >= due and not is_put_off(person, now)
        return SignInStatus.MUST_RECONFIRM if suspect or person.used_up or late else SignInStatus.FINE

    async def view(self, person: Person, roles: Collection[str], *, opening: str = "") -> RegistrationView:
        """Return the view. In an opening of an activation, contacts are masked that are not being registered there.

        A code proves that an administrator issued it: whoever found the letter must not learn the person's number.
        """
        mine = tuple(pending for pending in person.pending if pending.opening == opening)
        view = await self._view(replace(person, pending=mine), roles)
        if not opening:
            return view
        masked = tuple(self._masked(person, method) for method in view.methods)
        return replace(view, methods=masked)

    def _masked(self, person: Person, view: MethodView) -> MethodView:
        method = person.method(view.method, view.credential)
        contact = self.sealing.open_contact(person.account, method.sealed) if method else None
        return (
            replace(view, contact=contact.masked, offered_contact="") if contact and view.state != "pending" else view
        )

    async def _view(self, person: Person, roles: Collection[str]) -> RegistrationView:
        person, opted_out = replace(person, privileged=bool(roles)), await self.opted_out(person)
        now = self.clock.now()
        readable = self.readable(person)
        shown_pending = [pending for pending in person.pending if self._stands_for_itself(person, pending, now)]
        privileged = bool(roles)
        working = [one for one in self.reached(readable, opted_out) if not one.is_closed(now)]
        for_reset = needed_for_reset(self.policy, privileged=privileged)
        enough = for_reset.is_met_by(proofs_by(working, self.policy, now))
        needed = [one for one in working if enough and not self._enough_without(one, working, for_reset, now)]
        ready_from = self._ready_from(person, working, for_reset)
        asked = asked_at_registration(self.policy, privileged=privileged)
        proofs, possible = proofs_by(working, self.policy, now), self._possible(person, now)
        replaced = {pending.name for pending in shown_pending}
        views = [
            self._with_opt_out(
                self._of_method(
                    person,
                    method,
                    stale=is_stale(method, self.policy, now),
                    readable=method in readable,
                    needed=method in needed,
                ),
                opted_out=method.destination in opted_out,
            )
            for method in person.methods
            if method.name not in replaced and self._is_shown(person, method)
        ]
        views += [self._of_pending(person.account, pending) for pending in shown_pending]
        order = list(ALL)
        wait = wait_of(person, self.policy, now) if person.lost_at is not None else None
        return RegistrationView(
            methods=tuple(sorted(views, key=lambda view: order.index(view.method))),
            missing=tuple(
                name for name in self._registrable(person, possible) if asked.is_helped_by(_one_more(name), proofs)
            ),
            lacks=asked.lacks(proofs),
            asked=asked.gates,
            addable=tuple(name for name in possible if self._has_room(person, name)),
            due_at=due_at(person, self.policy),
            snooze_days=self.policy.snooze_days if may_put_off(person, self.policy, now) else 0,
            snoozed_until=put_off_until(person) if is_put_off(person, now) else None,
            roles=tuple(sorted(roles)),
            offered=self.policy.methods,
            channels=self.channels_by_method,
            ready=ready_from is not None and ready_from <= now,
            ready_from=ready_from if ready_from and now < ready_from else None,
            needs_activation=person.needs_activation(self.policy.methods),
            frozen=person.frozen_at is not None,
            loss_wait_ends_at=wait[0] if wait else None,
            loss_wait_lapses_at=wait[1] if wait else None,
            language=person.wanted_language or None,
            time_zone=person.time_zone or None,
        )

    def readable(self, person: Person) -> tuple[RegisteredMethod, ...]:
        """Return the confirmed methods that can still prove something.

        The view shows the others as suspect and without their contact, and counts them as missing.
        """
        return tuple(
            method
            for method in person.confirmed
            if not (person.privileged and method.sealed.evidence.kind in NEVER_FIRST)
            and self.sealing.open_usable(person.account, method.sealed, self.policy) is not None
        )

    def _is_suspect(self, person: Person, method: RegisteredMethod) -> bool:
        return method.suspect_at is not None or self.sealing.wants_renewal(person.account, method.sealed, self.policy)

    def _possible(self, person: Person, now: datetime) -> tuple[str, ...]:
        """Return the methods of the policy that this person may register."""
        alone = person.privileged or not person.provers(self.policy.methods, now)
        return tuple(name for name in self.policy.methods if not (alone and ALL[name].evidence in NEVER_FIRST))

    def _enough_without(
        self, one: RegisteredMethod, working: Collection[RegisteredMethod], needed: Requirement, now: datetime
    ) -> bool:
        return needed.is_met_by(proofs_by((other for other in working if other != one), self.policy, now))

    def _ready_from(
        self, person: Person, working: Collection[RegisteredMethod], needed: Requirement
    ) -> datetime | None:
        """Return since when these methods open every gate. None if they never will, or while self-service is frozen."""
        now = self.clock.now()
        for moment in sorted(method.since for method in working):
            usable = [one for one in person.usable(self.policy.methods, moment) if one in working]
            if needed.is_met_by(proofs_by(usable, self.policy, max(moment, now))):
                return moment
        return None

    def _of_method(
        self, person: Person, method: RegisteredMethod, *, stale: bool, readable: bool, needed: bool
    ) -> MethodView:
        if method.state is not MethodState.CONFIRMED:
            state = method.state.value
        elif method.is_compromised:
            state = "compromised"
        elif method.must_renew:
            state = "renew"
        elif not readable or self._is_suspect(person, method):
            state = "suspect"
        else:
            state = "stale" if stale else method.state.value
        contact = self.sealing.open_contact(person.account, method.sealed)
        kind, stored = ALL[method.name], self.sealing.open(person.account, method.sealed)
        word = method.offer.provenance if method.offer else method.provenance
        offered = self.sealing.open_contact(person.account, method.offer.sealed) if method.offer else None
        resting = method.usable_from is not None and self.clock.now() < method.usable_from
        return MethodView(
            method=method.name,
            credential=method.credential,
            contact=contact.shown if contact else "",
            masked=contact.masked if contact else "",
            label=method.label,
            state=state,
            source=method.source.value,
            set_at=method.set_at,
            confirmed_at=method.confirmed_at,
            usable_from=method.usable_from if resting else None,
            pending_contact=self._pending_contact(person, method),
            left=kind.left(stored) if isinstance(kind, KeptSecretMethod) and stored is not None else None,
            opens_until=method.renewal.closes_at if method.renewal else None,
            permission=word.basis if word else "",
            attested_by=word.attested_by if word else "",
            offered_contact=offered.shown if offered else "",
            reconfirm=readable and is_asked(person, method, self.policy, self.clock.now()),
            needed=needed,
        )

    def _pending_contact(self, person: Person, method: RegisteredMethod) -> str | None:
        """Return the contact that is to take the place of this one, if its code can still be entered."""
        pending = person.pending_for(method.name)
        if pending is None or self.clock.now() >= pending.expires_at:
            return None
        contact = self.sealing.open_contact(person.account, pending.sealed)
        return contact.text if contact else None

    def _with_opt_out(self, view: MethodView, *, opted_out: bool) -> MethodView:
        if not opted_out or not view.contact:
            return view
        sender = sender_to(country_of(PhoneNumber(view.contact)), self.senders)
        return replace(view, state="opted_out", start_to=sender.text if sender and sender.hears_replies else "")

    def _of_pending(self, account: AccountKey, pending: PendingMethod) -> MethodView:
        contact = self.sealing.open_contact(account, pending.sealed)
        return MethodView(
            method=pending.name,
            credential=pending.sealed.credential,
            contact=contact.shown if contact else "",
            masked=contact.masked if contact else "",
            label=pending.label,
            state="pending",
            source=pending.source.value,
            set_at=None,
            confirmed_at=None,
            usable_from=None,
        )

    def _stands_for_itself(self, person: Person, pending: PendingMethod, now: datetime) -> bool:
        """Whether a pending contact is shown. It replaces a prefilled contact, but never a confirmed one.

        A contact that cannot be opened is not shown. A pending kept secret is not shown either: its key was shown
        once, and starting again makes a new one.
        """
        if now >= pending.expires_at or self.sealing.open_contact(person.account, pending.sealed) is None:
            return False
        method = person.method(pending.name)
        return method is None or method.state is MethodState.PREFILLED

    def _registrable(self, person: Person, possible: Collection[str]) -> tuple[str, ...]:
        """Return what may be registered. A method that only an administrator sets is one once it was set."""
        return tuple(name for name in possible if person.method(name) is not None or not _is_set_by_administrator(name))

    def _has_room(self, person: Person, name: str) -> bool:
        """Whether one more may be added. A prefilled contact that cannot be opened does not count."""
        if _is_set_by_administrator(name):
            return False
        there = [m for m in person.methods if m.name == name and self._is_shown(person, m)]
        method = ALL[name]
        return len(there) < (method.most if isinstance(method, KeptSecretMethod) else 1)

    def _is_shown(self, person: Person, method: RegisteredMethod) -> bool:
        was_confirmed = method.state is not MethodState.PREFILLED
        return was_confirmed or self.sealing.open_contact(person.account, method.sealed) is not None


def _one_more(name: str) -> Proof:
    """Return the proof that one more method of that name could give."""
    method = ALL[name]
    evidence = Evidence(kind=method.evidence, destination=name, phishing_resistant=method.phishing_resistant)
    return Proof(method=name, evidence=evidence)


def _is_set_by_administrator(name: str) -> bool:
    method = ALL[name]
    return isinstance(method, SentCodeMethod) and method.set_by_administrator
