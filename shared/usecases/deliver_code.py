"""Deliver a code: write its claim, and only then call the provider, once (rules 1 and 2)."""

from dataclasses import dataclass

from shared.domain.account import AccountKey
from shared.domain.audit import AuditEvent, Tag
from shared.domain.claims import CodeOrder, destination_of, find, with_claim
from shared.domain.message import Letter
from shared.domain.one_time_code import binding_of, derive_code
from shared.domain.person import Claim, PendingContact, Person, Purpose, RegisteredMethod, Standing
from shared.domain.policy import Policy
from shared.domain.trail import Trail
from shared.messages import render
from shared.methods import ALL
from shared.ports.channel import Channel, NotSent
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.rate_limiter import RateLimiter
from shared.ports.shared_tally import SharedTally
from shared.usecases._conditional import Decision, decide

LAST_DIGITS = 4
"""Numbers alike but for these are bought together by those who earn by every text (A-25)."""


@dataclass(frozen=True, slots=True)
class DeliverCode:
    """At most once: a delivery that finds the claim written already sends nothing, whatever became of that one."""

    people: People
    limiter: RateLimiter
    tally: SharedTally
    channels: dict[str, Channel]
    keyring: Keyring
    clock: Clock
    randomness: Randomness
    product_name: str
    policy: Policy

    async def __call__(self, order: CodeOrder, trail: Trail) -> None:
        """Raises TryAgain while nothing was claimed: the queue brings the order back until it expires."""
        try:
            cause = await self._deliver(order)
        except Unreadable:  # a key is no longer held; bringing the order back would not bring the key back
            cause = "unreadable"
        trail.events.append(
            AuditEvent(
                tag=Tag.CODE_DELIVERED,
                at=self.clock.now(),
                account=order.account,
                verification=order.verification,
                client=order.client,
                method=order.method,
                cause=cause,
            )
        )

    async def _deliver(self, order: CodeOrder) -> str:
        """What became of it, for the audit log; strangers never learn."""
        now = self.clock.now()
        if now >= order.expires_at:
            return "expired"
        account = AccountKey(order.account)
        stored = await self.people.read(account)
        person = stored.person
        if find(person, order) is not None:
            return "delivered_before"
        # Before the claim, so that a row grows with this limit and not with requests. A stranger's row has a
        # destination of its own to count, and so does the same work.
        destination = destination_of(person, order, self.policy, now)
        counter = destination or self.keyring.digest("no-destination", order.account, order.method)
        rates = self.policy.destination_rates(reserved=order.client in person.known_clients)
        if not (await self.limiter.hit(counter, rates)).allowed:
            return "limited"
        if order.channel != "email" and not await self._may_spend(person, order, destination):
            return "spending_limited"
        nonce = self.randomness.token()

        def decision_on(row: Person) -> Decision[Person | None]:
            after = with_claim(row, order, self.policy, now, nonce=nonce)
            return Decision(after, after)

        told = await decide(
            self.people,
            account,
            decision_on,
            landed=lambda row: any(claim.nonce == nonce for claim in row.claims),
            stored=stored,
        )
        claimed = told.outcome
        claim = next((c for c in claimed.claims if c.nonce == nonce), None) if claimed else None
        if claimed is None or claim is None:
            return "delivered_before"
        if claim.standing is not Standing.LIVE:
            return claim.standing.value
        return await self._send(claimed, claim, order)

    async def _may_spend(self, person: Person, order: CodeOrder, destination: str) -> bool:
        """Whether the installation still pays for this text (R-73); a stranger's asks alike and counts for nothing."""
        counts = bool(destination) and order.contact_matches
        number = self._number(person, order, destination)
        prefix = self.keyring.digest("prefix", number[:-LAST_DIGITS] if number else order.account)
        return await self.tally.spend(prefix, self.policy.prefix_rate, counts=counts) and await self.tally.spend(
            self.keyring.digest("by-phone"), self.policy.phone_rate, counts=counts
        )

    def _number(self, person: Person, order: CodeOrder, destination: str) -> str:
        entries: list[PendingContact | RegisteredMethod] = [*person.pending, *person.methods]
        sealed = next((e.sealed for e in entries if e.destination == destination and e.name == order.method), None)
        return self.keyring.open(sealed, account=person.account, purpose=order.method) if sealed else ""

    async def _send(self, person: Person, claim: Claim, order: CodeOrder) -> str:
        code = derive_code(
            self.keyring.code_key(claim.code_key),
            binding_of(claim, order.account),
            digits=self.policy.code_digits,
        )
        registering = claim.purpose is Purpose.REGISTRATION
        rendered = render(
            "code_registration" if registering else "code",
            person.language or order.language,
            claim.channel,
            {
                "code": code,
                "minutes": str(int(self.policy.code_life(claim.channel).total_seconds() // 60)),
                "product": self.product_name,
            },
        )
        letter = Letter(
            channel=claim.channel,
            to=self._address(person, claim),
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            account=order.account,
            idempotency=f"{claim.verification}:{claim.gate}:{claim.method}:{claim.channel}:{claim.send}",
        )
        try:
            await self.channels[claim.channel].send(letter)
        except NotSent as failure:
            return failure.cause  # never again: the person asks for another one (rule 2)
        return "sent"

    def _address(self, person: Person, claim: Claim) -> str:
        """The stored bytes of the claimed destination, and nothing that came with a request (R-19)."""
        if claim.purpose is Purpose.REGISTRATION:
            sealed = next(
                p.sealed for p in person.pending if p.destination == claim.destination and p.name == claim.method
            )
        else:
            sealed = next(
                m.sealed for m in person.methods if m.destination == claim.destination and m.name == claim.method
            )
        return ALL[claim.method].stored(self.keyring.open(sealed, account=person.account, purpose=claim.method)).text
