"""Builders for tests: a test names the values that matter to its rule, and defaults fill in the rest.

    world = a_world(gates=1)                              the service on fakes, with this policy
    await world.account("ada", email="ada@mail.example")   an account with a confirmed address
    token = await world.prove("ada", "email")              start, challenge, delivery and the right answer

These functions make no assertions. They return what the use-cases answered.

Long: one function for each step of a person.
"""

import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import altcha

from shared.domain.account import AccountKey, ObjectId
from shared.domain.clocks import CLOCK_MARGIN
from shared.domain.errors import BotCheckRequired, ProofRequired
from shared.domain.imports import Import, Permission, Verdict, Wishes
from shared.domain.periods import week_of
from shared.domain.person import (
    Attempt,
    AttemptId,
    CodeId,
    MethodState,
    Person,
    Purpose,
    RegisteredMethod,
    SentCode,
    Source,
)
from shared.domain.policy import Policy
from shared.domain.repeated_completion import Ending
from shared.domain.trail import CodeOrder, NoticeOrder, Order, ReminderOrder, Trail
from shared.domain.verification import ResetGrant, Verification
from shared.methods import ALL, COLUMN_NAMES, NUMBERS, Context, SentCodeMethod, channel_to, evidence_by_name
from shared.ports.tokens import TokenPurpose
from shared.usecases._judging import context_of
from shared.usecases._sealing import Sealing
from shared.usecases.ask_at_sign_in import AskAtSignIn, AskedFor
from shared.usecases.ask_proof import AskProof
from shared.usecases.begin_import import BeginImport
from shared.usecases.begin_method import BeginMethod, Begun, Wish
from shared.usecases.confirm_method import ConfirmMethod
from shared.usecases.create_account import CreateAccount
from shared.usecases.deliver_code import DeliverCode
from shared.usecases.deliver_expiry import DeliverExpiry
from shared.usecases.deliver_notice import DeliverNotice
from shared.usecases.deliver_reminder import DeliverReminder
from shared.usecases.give_proof import GiveProof
from shared.usecases.issue_challenge import IssueChallenge
from shared.usecases.object_to_change import ObjectToChange
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.set_password import SetPassword
from shared.usecases.sign_in import SignIn
from shared.usecases.start_verification import StartVerification
from shared.usecases.verify import Granted, NextGate, Verify
from shared.usecases.view_import import ViewImport
from shared.usecases.work_import import WorkImport
from shared.validation.cells import Columns, read_batch
from shared.wiring import Adapters, Service
from tests.fakes.adapters import RELYING_PARTY, FakeAdapters
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.keys import a_keyring

T = TypeVar("T")

CLIENT = "203.0.113.7"
PASSWORD, NEW_PASSWORD = "lantern orbit cobalt thicket", "velvet harbour mosaic tundra"
EMAIL, PHONE = "ada@mail.example", "+33639980001"
WHY = "asked at the desk"
"""The reason of an act of staff."""
CODE = re.compile(r"\b\d{4}-\d{4}\b")
OBJECTION = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b")
LONG_AGO = timedelta(days=3)
PERMISSION = Permission(basis="form of 3 May", attested_by="Avery")

COUNTRIES = ("AT", "CA", "DE", "FR", "GB", "JP", "US")
"""The countries of the numbers in tests."""


def a_policy(**knobs: Any) -> Policy:
    """Return a valid policy with these settings."""
    policy = Policy(**{"countries": COUNTRIES, **knobs})
    assert policy.faults(evidence_by_name()) == []
    return policy


def a_context(now: datetime = MONDAY_MORNING, *, handle: str = "a" * 52, **site: Any) -> Context:
    """Return what a kept secret's method may know, for this time and account."""
    party = replace(RELYING_PARTY, **site)
    return replace(context_of(AccountKey("account"), a_keyring(), party, a_policy(), now), handle=handle)


def a_method(name: str, contact: str, account: AccountKey, **changes: Any) -> RegisteredMethod:
    """Return a method that was confirmed some days ago, with these changes."""
    at, by_code = MONDAY_MORNING - LONG_AGO, ALL[name]
    assert isinstance(by_code, SentCodeMethod)
    method = RegisteredMethod(
        sealed=Sealing(a_keyring()).contact(account, by_code, by_code.stored(contact)),
        state=MethodState.CONFIRMED,
        source=Source.SELF,
        set_at=at,
        confirmed_at=at,
    )
    return replace(method, **changes)


def prefilled(name: str, contact: str, account: AccountKey) -> RegisteredMethod:
    """Return a method that an administrator supplied and nobody has confirmed."""
    return a_method(name, contact, account, state=MethodState.PREFILLED, source=Source.ADMINISTRATOR, confirmed_at=None)


def a_person(account: str = "account", *, email: str = "", mobile_phone: str = "", **changes: Any) -> Person:
    """Return a row with these methods confirmed."""
    key = AccountKey(account)
    contacts = {"email": email, "mobile_phone": mobile_phone}
    methods = tuple(a_method(name, contact, key) for name, contact in contacts.items() if contact)
    return Person(**{"account": key, "object_id": ObjectId(f"object of {account}"), "methods": methods, **changes})


def an_attempt_id(**changes: Any) -> AttemptId:
    """Return the id of the attempt at gate 1 of verification `v`, by email."""
    return replace(AttemptId(purpose=Purpose.RESET, verification="v", gate=1, method="email"), **changes)


def an_attempt(**changes: Any) -> Attempt:
    """Return a new attempt at gate 1 of verification `v`, by email."""
    return replace(
        Attempt(id=an_attempt_id(), leaves_at=MONDAY_MORNING + timedelta(minutes=15) + CLOCK_MARGIN), **changes
    )


def a_code_id(*, send: int = 1, channel: str = "email", **changes: Any) -> CodeId:
    """Return the id of the first code of that attempt."""
    return CodeId(attempt=an_attempt_id(**changes), channel=channel, send=send)


def a_sent_code(**changes: Any) -> SentCode:
    """Return the claim of that code, written now."""
    sent = SentCode(
        id=a_code_id(),
        code_key=1,
        destination="destination",
        claimed_at=MONDAY_MORNING,
        leaves_at=MONDAY_MORNING + timedelta(minutes=15) + CLOCK_MARGIN,
        nonce="delivery",
    )
    return replace(sent, **changes)


def an_order(**changes: Any) -> CodeOrder:
    """Return the order that causes `a_sent_code()`."""
    order = CodeOrder(
        account="account",
        code=a_code_id(),
        code_key=1,
        expires_at=MONDAY_MORNING + timedelta(minutes=10),
        leaves_at=MONDAY_MORNING + timedelta(minutes=15),
        client_key="client",
        contact_matches=True,
        language="en",
    )
    return replace(order, **changes)


class World:
    """The service on fakes, and the steps of a person, a stranger or a queue."""

    def __init__(self, policy: Policy) -> None:
        self.adapters = FakeAdapters(policy)
        self.service = Service(cast("Adapters", self.adapters))
        self.policy = policy
        self.clock = self.adapters.clock
        self.people = self.adapters.people
        self.directory = self.adapters.directory
        self.trail = Trail()
        """All events so far."""
        self.sessions: dict[str, str] = {}
        """Sessions that a test uses again."""
        self.proofs: dict[str, str] = {}
        """The last proof of each session, as its page keeps it."""

    def forget_what_was_built(self) -> None:
        """Build the use-cases again, after a test has replaced one of their adapters."""
        self.service = Service(cast("Adapters", self.adapters))

    @property
    def orders(self) -> list[Order]:
        """Codes and reminders that are ordered and not delivered."""
        return self.adapters.outbox.orders

    @orders.setter
    def orders(self, left: list[Order]) -> None:
        self.adapters.outbox.orders = left

    # -- accounts --

    async def account(
        self, name: str, *, roles: frozenset[str] = frozenset(), methods: tuple[RegisteredMethod, ...] = (), **row: Any
    ) -> AccountKey:
        """Create an account with PASSWORD and a row. The contacts `email=` and `mobile_phone=` are confirmed."""
        reads, calls = self.people.reads, len(self.directory.calls)
        account = await self.service.use(CreateAccount)(name, PASSWORD, roles=roles)
        self.people.reads = reads  # without those of the coverage
        del self.directory.calls[calls:]
        key = self.adapters.keyring.account_key(account.object_id)
        person = a_person(key, **{"object_id": account.object_id, "password_stamp": account.password_stamp, **row})
        self.people.put(replace(person, methods=(*person.methods, *methods)))
        self.clock.move(seconds=1)
        return key

    async def ada(self, **row: Any) -> AccountKey:
        """Create the person of most tests: an email address and a phone, both confirmed."""
        return await self.account("ada", email=EMAIL, mobile_phone=PHONE, **row)

    def key_of(self, name: str) -> AccountKey:
        """Return the account key of a name, also of a stranger's name."""
        keyring = self.adapters.keyring
        stranger = keyring.stranger_key(name, week_of(self.clock.now()))
        return self.adapters.names.accounts.get(keyring.name_key(name)) or stranger

    def row(self, name: str = "ada") -> Person:
        key = self.key_of(name)
        return self.people.rows[key][0] if key in self.people.rows else Person(account=key)

    # -- a reset --

    async def start(self, name: str = "ada", *, client: str = CLIENT, solution: str = "") -> str:
        token, _ = await self.service.use(StartVerification)(name, client, self.trail, solution=solution)
        return token

    async def check(self, name: str = "ada", *, client: str = CLIENT, by: Callable[..., Any] | None = None) -> str:
        """Start (or `by`), meet the bot check and return its solution. Returns "" where none is asked for."""
        try:
            await (by or self.start)(name, client=client)
        except BotCheckRequired as asked:
            return solved(asked)
        return ""

    async def ask(self, token: str, method: str = "email", **options: Any) -> str:
        """Ask for a code without delivering it."""
        options = {"channel": None, "contact": None, "client": CLIENT, "language": "en", **options}
        return (await self.service.use(IssueChallenge)(token, method, self.trail, **options)).verification_token

    async def challenge(self, token: str, method: str = "email", **options: Any) -> str:
        """Ask for a code and have it delivered."""
        token = await self.ask(token, method, **options)
        await self.deliver()
        return token

    async def answer(self, token: str, answer: str, *, client: str = CLIENT) -> NextGate | Granted:
        return await self.service.use(Verify)(token, answer, self.trail, client=client)

    async def pass_gate(self, token: str, method: str) -> NextGate | Granted:
        token = await self.challenge(token, method)
        return await self.answer(token, self.code(method))

    async def prove(self, name: str = "ada", *methods: str) -> str:
        """Pass one gate with each method. Return the last token: a reset token after the last gate."""
        token = await self.start(name)
        for method in methods or ("email", "mobile_phone"):
            outcome = await self.pass_gate(token, method)
            token = outcome.reset_token if isinstance(outcome, Granted) else outcome.verification_token
        return token

    async def complete(self, token: str, password: str | None = NEW_PASSWORD, ends_in: Ending | None = None) -> Any:
        """Set the password, or end in something else: without a password, in the end of a lock."""
        ends_in = ends_in or (Ending.UNLOCK if password is None else Ending.PASSWORD)
        return await self.service.use(SetPassword)(token, password, self.trail, client=CLIENT, ends_in=ends_in)

    # -- a signed-in person --

    async def sign_in(
        self, name: str = "ada", password: str = PASSWORD, *, client: str = CLIENT, solution: str = ""
    ) -> str:
        token, _ = await self.service.use(SignIn)(name, password, self.trail, client=client, solution=solution)
        return token

    async def asked(self, session: str, return_to: str | None = None) -> AskedFor:
        """Ask what a sign-in page has to ask for."""
        return await self.service.use(AskAtSignIn)(session, return_to, self.trail)

    async def status(self, session: str) -> str:
        return (await self.asked(session)).status

    async def begin(self, session: str, method: str, contact: str | None = None, **wish: Any) -> Begun:
        """Begin, with a proof by a contact of the person where one is needed and `proof=` is not given."""
        begin, wish = self.service.use(BeginMethod), {"contact": contact, "proof": self.proofs.get(session), **wish}
        try:
            return await begin(session, method, Wish(**wish), self.trail)
        except ProofRequired as needed:
            wish["proof"] = await self.prove_change(session, needed.methods[0])
            return await begin(session, method, Wish(**wish), self.trail)

    async def prove_change(self, session: str, method: str = "email") -> str:
        """Return a proof by a code to that contact, as if it was delivered apart from the other orders."""
        trail, others, self.orders = Trail(), self.orders, []
        asked = await self.service.use(AskProof)(
            session, method, trail, proof=None, channel=None, client=CLIENT, language="en"
        )
        await self.deliver()
        self.orders = others
        code = self.adapters.channels[channel_to(method)].messages.pop().text
        found = CODE.search(code)
        assert found
        proof, _ = await self.service.use(GiveProof)(session, asked.proof, found[0], trail, client=CLIENT)
        self.proofs[session] = proof
        return proof

    async def remove(self, session: str, method: str, *, credential: str = "") -> Any:
        """Remove a method, with a proof where one is needed."""
        remove = self.service.use(RemoveMethod)
        try:
            return await remove(session, method, self.trail, credential=credential, proof=self.proofs.get(session))
        except ProofRequired as needed:
            proof = await self.prove_change(session, needed.methods[0])
            return await remove(session, method, self.trail, credential=credential, proof=proof)

    async def confirm(self, session: str, method: str, answer: str | None = None, *, client: str = CLIENT) -> Any:
        answer = self.code(method) if answer is None else answer
        view, proof = await self.service.use(ConfirmMethod)(session, method, answer, self.trail, client=client)
        if proof is not None:
            self.proofs[session] = proof
        return view

    async def register(self, session: str, method: str, contact: str | None) -> Any:
        """Begin, deliver and confirm."""
        await self.begin(session, method, contact)
        await self.deliver()
        return await self.confirm(session, method)

    # -- an administrator --

    async def prefill(
        self, session: str, *rows: Mapping[str, object], dry_run: bool = False, **wishes: bool
    ) -> tuple[Verdict, ...]:
        """Bring in these rows, work them off, and return the verdicts."""
        made = await self.bring_in(session, *rows, dry_run=dry_run, **wishes)
        await self.service.use(WorkImport)(made.id, self.trail)
        _, found = await self.service.use(ViewImport).verdicts(session, made.id, self.trail)
        return tuple(verdict for _, verdict in found)

    async def bring_in(self, session: str, *rows: Mapping[str, object], **wishes: bool) -> Import:
        """Begin an import of these rows."""
        batch = read_batch(rows, Columns(names=COLUMN_NAMES, numbers=NUMBERS))
        return await self.service.use(BeginImport)(session, batch, Wishes(**wishes), PERMISSION, WHY, self.trail)

    # -- the queue --

    async def deliver(self, *orders: Order) -> None:
        """Deliver these orders, or all that are in the outbox."""
        if not orders:
            orders, self.orders = tuple(self.orders), []
        for order in orders:
            match order:
                case CodeOrder():
                    await self.service.use(DeliverCode)(order, self.trail)
                case NoticeOrder():
                    await self.service.use(DeliverNotice)(order, self.trail)
                case ReminderOrder(expiry=True):
                    await self.service.use(DeliverExpiry)(order, self.trail)
                case ReminderOrder():
                    await self.service.use(DeliverReminder)(order, self.trail)

    async def tell(self) -> None:
        """Deliver the orders for notices that are in the queue now, as if their delays had passed."""
        if orders := self.adapters.promised.taken():
            await self.deliver(*orders)

    def messages(self, method: str = "email") -> list[str]:
        """Return the texts of the messages that were sent, oldest first."""
        return [message.text for message in self.adapters.channels[channel_to(method)].messages]

    def codes(self, method: str = "email") -> list[str]:
        return [found[0] for text in self.messages(method) if (found := CODE.search(text))]

    def code(self, method: str = "email") -> str:
        """Return the code that was sent last."""
        return self.codes(method)[-1]

    async def object_to(self, code: str, name: str = "ada", *, client: str = CLIENT, solution: str = "") -> None:
        """Enter the code from a notice, as anybody can."""
        await self.service.use(ObjectToChange)(name, code, client, self.trail, solution=solution)

    def objection(self, to: str = EMAIL) -> str:
        """Return the code in the last message to that address or number, or "" if it has none."""
        sent = [m for channel in self.adapters.channels.values() for m in channel.messages if m.to == to]
        found = OBJECTION.search(sent[-1].text)
        return found[0] if found else ""

    # -- the content of tokens --

    def verification(self, token: str) -> Verification:
        return self.adapters.tokens.open(TokenPurpose.VERIFICATION, token, Verification)

    def grant(self, token: str) -> ResetGrant:
        return self.adapters.tokens.open(TokenPurpose.RESET, token, ResetGrant)

    def seal(self, value: Verification | ResetGrant) -> str:
        """Return a token as a thief of the token key could make it."""
        purpose = TokenPurpose.VERIFICATION if isinstance(value, Verification) else TokenPurpose.RESET
        return self.adapters.tokens.seal(purpose, value)

    def causes(self) -> list[str]:
        """Return the causes of the audit events, oldest first."""
        return [event.cause for event in self.trail.events]


def a_world(**knobs: Any) -> World:
    """Return the service on fakes with this policy."""
    return World(a_policy(**knobs))


def solved(asked: BotCheckRequired) -> str:
    """Return the solution of the bot check that an error asks for, as a page computes it."""
    challenge = altcha.Challenge.from_dict(dict(asked.bot_check or {}))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def wrong(code: str) -> str:
    """Return a well-formed answer that is not the code."""
    return f"{(int(code.replace('-', '')) + 1) % 10**8:08}"


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    raise AssertionError("it waits")


def at(**span: Any) -> datetime:
    """Return the time of that span after MONDAY_MORNING, in UTC."""
    return MONDAY_MORNING + timedelta(**span)
