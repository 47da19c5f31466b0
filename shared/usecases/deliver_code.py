"""Deliver a code: write its claim first, and then call the provider once (rules 1 and 2)."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.account import AccountKey
from shared.domain.calls import VOICE, PhoneCall
from shared.domain.errors import TryAgain
from shared.domain.limits import CODES, CODES_TO_NOBODY
from shared.domain.person import Person, Sealed, SentCode
from shared.domain.policy import Policy
from shared.domain.sent_codes import (
    derive_code,
    failures_now,
    find_sent,
    is_spent,
    is_suspended,
    lanes_of,
    refused_for_now,
    target_of,
    with_believable_times,
    with_decoy,
    with_sent_code,
)
from shared.domain.trail import CodeOrder, Tag, Trail
from shared.ports.channel import OPTED_OUT
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.opt_outs import OptOuts
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._code_words import TEMPLATES
from shared.usecases._limits import Limits
from shared.usecases._outgoing import Outgoing, SendOutcome, Spending
from shared.usecases._rows import Rows


@dataclass(frozen=True, slots=True)
class DeliverCode:
    """Sends a code at most once. If the claim is already on the row, nothing is sent, unless the provider refused.

    A claim is written only where a code will be sent. Every other delivery writes a decoy of the same size, in places
    of its own, so that strangers cannot fill a person's row (rule 1).
    """

    people: People
    rows: Rows
    outgoing: Outgoing
    limits: Limits
    spending: Spending
    keyring: Keyring
    tokens: Tokens
    opt_outs: OptOuts
    clock: Clock
    randomness: Randomness
    policy: Policy

    async def __call__(self, order: CodeOrder, trail: Trail) -> None:
        """Deliver. Raises TryAgain if the code was definitely not sent; the queue repeats it until it expires."""
        of = order.code.attempt
        cause = await self._deliver(order)
        trail.record(
            Tag.CODE_DELIVERED,
            self.clock.now(),
            account=order.account,
            verification=of.verification,
            client_key=order.client_key,
            method=of.method,
            cause=cause,
        )

    async def _deliver(self, order: CodeOrder) -> str:
        """Return the outcome for the audit log. Strangers never see it."""
        now, nonce = self.clock.now(), self.randomness.token()
        order = with_believable_times(order, self.policy, now)
        if now >= order.expires_at:
            return "expired"
        account = AccountKey(order.account)
        stored = await self.people.read(account)
        if is_spent(stored.person, order.code):
            return "delivered_before"
        unwanted = await self._unwanted(stored.person, order, now)
        if limit := await self._limit(stored.person, order, now, unwanted):
            return limit
        row = self.rows.change(account, nonce, stored=stored)
        while True:
            person = await row.read()
            if is_spent(person, order.code):
                return "delivered_before"
            target, dropped = self._target(person, order, now, unwanted)
            claimed = None
            if target is not None and not dropped:
                claimed = with_sent_code(person, order, target, now, nonce=nonce)
                dropped = "" if claimed else "full"
            if await row.write(claimed or with_decoy(person, order, now, nonce=nonce)):
                break
        if dropped or target is None:
            return dropped
        return await self._send(row.stored.person, order, target)

    async def _unwanted(self, person: Person, order: CodeOrder, now: datetime) -> str:
        """Return the destination of a text if its owner refuses texts, else "". Every text costs this read alike."""
        if order.code.channel != "sms":
            return ""
        target = target_of(person, order, self.policy, now)
        destination = target.destination if target else order.account
        return destination if await self.opt_outs.stands(destination) else ""

    def _target(self, person: Person, order: CodeOrder, now: datetime, unwanted: str) -> tuple[Sealed | None, str]:
        """Return where the code goes, and why it is dropped. The reason is empty when it is sent."""
        target = target_of(person, order, self.policy, now)
        lanes = lanes_of(person, order.client_key, checked=order.checked)
        if is_suspended(failures_now(person, order.code.attempt, now), self.policy, now, lanes=lanes):
            return target, "closed"
        if target is not None and target.destination == unwanted:
            return target, OPTED_OUT
        return target, "void" if target is None or not order.contact_matches else ""

    async def _limit(self, person: Person, order: CodeOrder, now: datetime, unwanted: str) -> str:
        """Return which limit stops the code. Empty when none does.

        Each code is counted once, before the claim, so that the limits also bound the number of claims on a row.
        """
        if find_sent(person, order.code) is not None:
            return ""
        target, dropped = self._target(person, order, now, unwanted)
        counted = None if dropped else target
        if not await self._within_limits(person, order, counted):
            return "limited"
        if order.code.channel != "email" and not await self.spending.allows(person.account, counted):
            return "spending_limited"
        return ""

    async def _within_limits(self, person: Person, order: CodeOrder, target: Sealed | None) -> bool:
        """Count the send. One that will be dropped never counts for the person's destination (rule 10)."""
        lanes = lanes_of(person, order.client_key, checked=order.checked)
        if target is None:
            method = order.code.attempt.method
            return await self.limits.allows(CODES_TO_NOBODY, lanes=lanes, account=order.account, method=method)
        return await self.limits.allows(CODES, lanes=lanes, destination=self.spending.budget(person.account, target))

    async def _send(self, person: Person, order: CodeOrder, target: Sealed) -> str:
        sent = find_sent(person, order.code)
        if sent is None:  # erased between the write of this request and the next read
            return "void"
        language = person.wanted_language or order.language
        if order.code.channel == VOICE:
            outcome = await self._call(person.account, target, sent, language)
        else:
            try:
                key = self.keyring.code_key(sent.code_key)
            except Unreadable:  # a retry would not help: the key was removed
                return "unreadable"
            outcome = await self.outgoing.send(
                person.account,
                target,
                order.code.channel,
                TEMPLATES[order.code.attempt.purpose],
                {
                    "account": person.masked_name,
                    "code": derive_code(key, person.account, sent, digits=self.policy.code_digits),
                    "minutes": str(int(self.policy.code_life(order.code.channel).total_seconds() // 60)),
                },
                language=language,
                idempotency=str(order.code),
                counted=True,
                wanted=True,
            )
        if outcome.sent and order.code.channel != "email":
            await self.spending.texted()
        # Only a definite refusal is retried by the queue. A send of unknown outcome is never repeated (rule 2).
        if outcome.refused_for_now:
            row = self.rows.change(person.account, self.randomness.token())
            while not await row.write(refused_for_now(await row.read(), order.code)):
                pass
            raise TryAgain
        return outcome.cause

    async def _call(self, account: AccountKey, target: Sealed, sent: SentCode, language: str) -> SendOutcome:
        """Place the call. The code is derived when the key has been pressed, and not before (conduct_call.py)."""
        # The end of the call is reported some time after the code has expired.
        call = PhoneCall(account=account, code=sent.id, language=language, expires_at=sent.leaves_at)
        return await self.outgoing.call(account, target, self.tokens.seal(TokenPurpose.CALL, call))
