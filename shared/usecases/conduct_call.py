"""Conduct a call: ask for a key, and only then speak the code, at most once (rule 2).

    answered ──▶ extension? ──▶ announce ──▶ dial ──┐
        └───────────────────────────────────────────┴─▶ ask for the key ──▶ right key ──▶ speak ──▶ hang up
                                                                └── no key, another key ──▶ hang up

The provider reports each step. Reports come twice and in any order; all steps but one may be repeated without harm.
Before the code is spoken, the row says so, in a write that only one report wins. Whatever happens between that write
and the speech, the code is not spoken again: the person asks for another one. A voicemail presses no key (A-54).
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from shared.domain.calls import KEY, CallReport, Ending, Happened, PhoneCall, Step
from shared.domain.contact import PhoneNumber
from shared.domain.errors import Refused
from shared.domain.organisation import Organisation
from shared.domain.person import Person, Sealed
from shared.domain.policy import Policy
from shared.domain.reachability import Outcome, suspected
from shared.domain.sent_codes import can_be_spoken, derive_code, find_sent, sealed_contact_of, with_spoken
from shared.domain.trail import Tag, Trail
from shared.messages import speech
from shared.ports.call_signatures import CallSignatures
from shared.ports.calls import Calls
from shared.ports.channel import NotSent
from shared.ports.clock import Clock
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.people import People
from shared.ports.randomness import Randomness
from shared.ports.tokens import TokenPurpose, Tokens
from shared.usecases._code_words import TEMPLATES
from shared.usecases._outgoing import Fault, note_failed, note_sent
from shared.usecases._rows import Rows
from shared.usecases._sealing import Sealing

UNDER_WAY: Final = frozenset({409, 412})
"""Statuses of a step that another report has begun already (Call Automation, codes 8519 and 8583)."""


@dataclass(frozen=True, slots=True)
class ConductCall:
    people: People
    rows: Rows
    calls: Calls
    call_signatures: CallSignatures
    sealing: Sealing
    tokens: Tokens
    keyring: Keyring
    clock: Clock
    randomness: Randomness
    organisation: Organisation
    policy: Policy

    async def admit(self, token: str, signature: str) -> PhoneCall:
        """Return the call that is reported about. Raises Refused, with one answer for everything that is not right.

        The signature is judged last, so that nobody without a token of ours can cause a request for the provider's
        keys. Raises TryAgain while these are not known.
        """
        call = self.tokens.open(TokenPurpose.CALL, token, PhoneCall)
        if self.clock.now() >= call.expires_at or not await self.call_signatures.is_valid(signature):
            raise Refused
        return call

    async def __call__(self, call: PhoneCall, reports: Sequence[CallReport], trail: Trail) -> None:
        """Take the next step after each report. Raises TryAgain if the store did not answer; it is reported again."""
        for report in reports:
            await self._go_on(call, report, trail)

    async def _go_on(self, call: PhoneCall, report: CallReport, trail: Trail) -> None:
        match report.what, report.step:
            case Happened.ENDED, _:
                await self._note_end(call, report, trail)
            case ((Happened.DONE | Happened.FAILED), Step.SPEAK):
                await self._hang_up(report)
            case Happened.PRESSED, Step.ASK if report.key == KEY:
                await self._speak(call, report, trail)
            case Happened.PRESSED, Step.ASK:
                await self._give_up(call, report, trail, Ending.WRONG_KEY)
            case Happened.FAILED, Step.ASK:
                await self._give_up(call, report, trail, Ending.NO_KEY)
            case Happened.ANSWERED, _:
                await self._ask(call, report, trail, through_switchboard=True)
            case Happened.DONE, Step.ANNOUNCE:
                await self._dial(call, report, trail)
            case Happened.DONE, Step.DIAL:
                await self._ask(call, report, trail, through_switchboard=False)
            case Happened.FAILED, (Step.ANNOUNCE | Step.DIAL):
                await self._give_up(call, report, trail, Ending.FAILED)

    async def _ask(self, call: PhoneCall, report: CallReport, trail: Trail, *, through_switchboard: bool) -> None:
        number = await self._number(call)
        if number is None:
            return await self._give_up(call, report, trail, Ending.TOO_LATE)
        template = TEMPLATES[call.code.attempt.purpose]
        words = speech.prompt(template, call.language, product=self.organisation.name, key=KEY)
        try:
            if through_switchboard and number.extension:
                words = speech.announcement(call.language, number.extension)
                await self.calls.say(report.connection, words, Step.ANNOUNCE)
            else:
                await self.calls.ask_for_key(report.connection, number.number, words)
        except NotSent as failure:
            await self._failed(call, report, trail, number, failure)
        return None

    async def _dial(self, call: PhoneCall, report: CallReport, trail: Trail) -> None:
        number = await self._number(call)
        if number is None:
            return await self._give_up(call, report, trail, Ending.TOO_LATE)
        try:
            await self.calls.dial(report.connection, number.number, number.extension)
        except NotSent as failure:
            await self._failed(call, report, trail, number, failure)
        return None

    async def _speak(self, call: PhoneCall, report: CallReport, trail: Trail) -> None:
        now, nonce = self.clock.now(), self.randomness.token()
        row = self.rows.change(call.account, nonce)
        while True:
            person = await row.read()
            if not can_be_spoken(person, call.code, self.policy, now):
                return await self._give_up(call, report, trail, Ending.TOO_LATE, person=person)
            if await row.write(with_spoken(person, call.code, nonce=nonce)):
                break
        sent = find_sent(row.stored.person, call.code)
        number = self._number_on(row.stored.person, call)
        if sent is None or number is None:  # erased between the write of this request and the next read
            return await self._hang_up(report)
        try:
            code = derive_code(self.keyring.code_key(sent.code_key), call.account, sent, digits=self.policy.code_digits)
            await self.calls.say(report.connection, speech.spoken_code(call.language, code), Step.SPEAK)
        except Unreadable:  # the key was removed
            self._record(call, trail, Tag.CODE_NOT_SPOKEN, "unreadable")
            await self._hang_up(report)
        except NotSent as failure:
            await self._failed(call, report, trail, number, failure)
        else:
            note_sent("voice", number, TEMPLATES[call.code.attempt.purpose])
            self._record(call, trail, Tag.CODE_SPOKEN, "spoken")
        return None

    async def _number(self, call: PhoneCall) -> PhoneNumber | None:
        """Return the number that was called. None if nothing may be spoken there any more."""
        person = (await self.people.read(call.account)).person
        spoken = can_be_spoken(person, call.code, self.policy, self.clock.now())
        return self._number_on(person, call) if spoken else None

    def _number_on(self, person: Person, call: PhoneCall) -> PhoneNumber | None:
        sealed = self._sealed(person, call)
        contact = self.sealing.open_contact(call.account, sealed) if sealed else None
        return contact if isinstance(contact, PhoneNumber) else None

    def _sealed(self, person: Person, call: PhoneCall) -> Sealed | None:
        sent = find_sent(person, call.code)
        return sealed_contact_of(person, sent) if sent else None

    async def _failed(
        self, call: PhoneCall, report: CallReport, trail: Trail, number: PhoneNumber, failure: NotSent
    ) -> None:
        """End the call after a step that the provider did not take, unless an earlier report caused the same one."""
        if failure.status in UNDER_WAY:
            return
        fault = Fault.INSTALLATION if failure.definite else Fault.PROVIDER
        note_failed("voice", number, fault, cause=failure.cause, status=failure.status, code=failure.code)
        self._record(call, trail, Tag.CODE_NOT_SPOKEN, failure.cause)
        await self._hang_up(report)

    async def _give_up(
        self, call: PhoneCall, report: CallReport, trail: Trail, why: Ending, *, person: Person | None = None
    ) -> None:
        """End the call without the code. A report that comes late, while the code is spoken, ends nothing."""
        person = person or (await self.people.read(call.account)).person
        sent = find_sent(person, call.code)
        if sent is None or not sent.spoken:
            self._record(call, trail, Tag.CODE_NOT_SPOKEN, why.value)
            await self._hang_up(report)

    async def _hang_up(self, report: CallReport) -> None:
        with suppress(NotSent):  # the person has hung up; otherwise the provider ends a silent call itself
            await self.calls.hang_up(report.connection)

    async def _note_end(self, call: PhoneCall, report: CallReport, trail: Trail) -> None:
        """Record why a call ended in which no code was spoken. Only a number that does not exist makes it suspect."""
        if report.ending is None or report.ending is Ending.OURS:
            return
        stored = await self.people.read(call.account)
        sent, number = find_sent(stored.person, call.code), self._number_on(stored.person, call)
        if sent is None or sent.spoken:
            return
        self._record(call, trail, Tag.CODE_NOT_SPOKEN, report.ending.value)
        if report.ending is Ending.FAILED:
            note_failed("voice", number, Fault.PROVIDER, cause=report.ending.value)
        if report.ending is not Ending.UNREACHABLE:
            return
        note_failed("voice", number, Fault.ADDRESS, cause=report.ending.value)
        row = self.rows.change(call.account, self.randomness.token(), stored=stored)
        while True:
            person = await row.read()
            after = suspected(person, sent.destination, reason=Outcome.UNREACHABLE.value, at=self.clock.now())
            if await row.write(after if after != person else None):
                break

    def _record(self, call: PhoneCall, trail: Trail, tag: Tag, cause: str) -> None:
        of = call.code.attempt
        trail.record(
            tag,
            self.clock.now(),
            account=call.account,
            verification=of.verification,
            method=of.method,
            cause=cause,
        )
