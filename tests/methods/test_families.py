"""Tests for every method of a family. A new method is tested as soon as it is registered (see `__init__.py`)."""

import json
import pkgutil
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest

from shared import methods
from shared.domain.errors import InvalidInput
from shared.domain.person import EvidenceClass
from shared.methods import (
    ALL,
    REGISTERED,
    HashedSecretMethod,
    KeptSecretMethod,
    KnownSecretMethod,
    Method,
    SentCodeMethod,
    evidence_by_name,
    evidence_of,
)
from shared.methods.family import Enrolment
from shared.usecases._judging import exact_answer
from tests.builders import a_context, a_policy
from tests.fakes.adapters import RELYING_PARTY
from tests.fakes.clock import MONDAY_MORNING
from tests.methods.work import context_of, cryptographic_calls

POLICY = a_policy()
SEED, ANOTHER_SEED = bytes(range(32)), bytes(range(32, 64))
SENT_CODES = [method for method in REGISTERED if isinstance(method, SentCodeMethod)]
KEPT_SECRETS = [method for method in REGISTERED if isinstance(method, KeptSecretMethod)]

each_method = pytest.mark.parametrize("method", REGISTERED, ids=lambda method: method.name)
each_sent_code = pytest.mark.parametrize("method", SENT_CODES, ids=lambda method: method.name)
each_kept_secret = pytest.mark.parametrize("method", KEPT_SECRETS, ids=lambda method: method.name)


def known_about(method: Method) -> Any:
    """Return the module of this folder with the values of this method."""
    return import_module(f"tests.methods.about_{method.name}")


def digits_of(method: Method) -> int:
    """Return how many digits an answer has. 0 if it is not made of digits."""
    return POLICY.code_digits if isinstance(method, SentCodeMethod) else getattr(known_about(method), "DIGITS", 0)


def digit_cases(cases: dict[str, str]) -> list[Any]:
    """Each case for each method with digit answers. "{a}" and "{b}" are the two halves of an answer."""
    return [
        pytest.param(
            method,
            text.format(a=right[: len(right) // 2], b=right[len(right) // 2 :], one=right[0], rest=right[1:]),
            right,
            id=f"{method.name}, {what}",
        )
        for method in REGISTERED
        if (right := "1234567890"[: digits_of(method)])
        for what, text in cases.items()
    ]


class TestEveryMethod:
    """What both families have in common."""

    def test_the_names_of_methods_are_unique(self) -> None:
        """Rows, requests and policies use the name."""
        assert len(ALL) == len(REGISTERED)

    def test_every_method_of_the_folder_is_registered(self) -> None:
        """A method that is missing in `REGISTERED` would not be offered."""
        for module in pkgutil.iter_modules(methods.__path__):
            import_module(f"shared.methods.{module.name}")
        families = (SentCodeMethod, KeptSecretMethod, HashedSecretMethod, KnownSecretMethod)
        written = {kind for family in families for kind in family.__subclasses__()} - {*families}
        assert {kind for kind in written if kind.__module__.startswith("shared.")} == {type(m) for m in REGISTERED}

    @each_method
    def test_the_name_of_a_method_is_an_identifier(self, method: Method) -> None:
        """Lower-case ASCII, for paths, JSON and the keys of counters, in which a colon separates parts."""
        assert method.name.isidentifier()
        assert method.name.isascii()
        assert method.name == method.name.lower()
        assert len(method.name) <= 32

    @each_method
    def test_a_method_has_an_evidence_class(self, method: Method) -> None:
        """Gates must differ in it, and a policy may offer the method only if it can prove something."""
        assert isinstance(method.evidence, EvidenceClass)
        assert isinstance(method.phishing_resistant, bool)
        assert evidence_by_name()[method.name] == evidence_of(method, method.name)

    @each_method
    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="nothing"),
            pytest.param(" ", id="a blank"),
            pytest.param("\x00", id="a null character"),
            pytest.param("\u202e", id="a character that turns the direction of writing"),
            pytest.param("1" * 5_000, id="far too much"),
        ],
    )
    def test_a_malformed_answer_is_refused(self, method: Method, text: str) -> None:
        """No method has such answers, so it costs no try (rule 19)."""
        with pytest.raises(InvalidInput) as refused:
            exact_answer(method, text, POLICY)
        assert refused.value.field == "answer"

    @pytest.mark.parametrize(
        ("method", "text", "right"),
        digit_cases(
            {
                "letters": "{a}" + "x" * 4,
                "a letter too many": "{a}{b}x",
                "one digit too few": "{rest}",
                "one digit too many": "{a}{b}0",
                "a superscript": "\u00b9{rest}",
                "a null character": "{a}\x00{b}",
                "two codes": "{a}{b} {b}{a}",
                "a sign": "+{a}{b}",
                "an underscore": "{a}_{b}",
                "a point": "{a}.{b}",
                "half of a surrogate pair": "\ud800{rest}",
            }
        ),
    )
    def test_an_answer_with_a_wrong_number_of_digits_is_refused(self, method: Method, text: str, right: str) -> None:
        """Exactly as many as the method has, and nothing that is neither digit nor separator (A-32)."""
        with pytest.raises(InvalidInput) as refused:
            exact_answer(method, text, POLICY)
        assert refused.value.field == "answer"
        assert right not in str(refused.value)

    @pytest.mark.parametrize(
        ("method", "text", "right"),
        digit_cases(
            {
                "as it is": "{a}{b}",
                "a blank": "{a} {b}",
                "a no-break blank": "{a}\u00a0{b}",
                "a hyphen": "{a}-{b}",
                "blanks around": "  {a}{b} ",
                "blanks and hyphens everywhere": "{one} - {rest}",
                "a narrow no-break blank": "{a}\u202f{b}",
                "isolated": "\u2068{a}\u2009{b}\u2069",
                "an overridden direction": "\u202d{a}\u2011{b}\u202c",
                "zero-width blanks": "\ufeff{a}\u200b{b}",
                "a tab and a line break": "{a}\t{b}\r\n",
                "a message": "Acme: {a}{b} is your code. Valid 10 minutes.\n@reset.example.org #{a}{b}",
                "a message with hyphens": "Votre code est\u00a0: {a}-{b}. Ne le communiquez \u00e0 personne.",
            }
        ),
    )
    def test_what_is_copied_with_an_answer_is_ignored(self, method: Method, text: str, right: str) -> None:
        """What nobody sees or means, and the message around it. Digits of other scripts are digits."""
        assert exact_answer(method, text, POLICY) == right
        arabic = text.translate({ord("0") + digit: 0x660 + digit for digit in range(10)})
        assert exact_answer(method, arabic, POLICY) == right

    @each_method
    def test_the_canonical_form_of_an_answer_is_stable(self, method: Method) -> None:
        """Applied again, it changes nothing."""
        right = "1234567890"[: digits_of(method)] or None
        if right is None:
            assert isinstance(method, KeptSecretMethod)
            right = known_about(method).answer(begun(method).shown, {}, MONDAY_MORNING)
        once = exact_answer(method, right, POLICY, first=True)
        assert exact_answer(method, once, POLICY, first=True) == once


class TestSentCodes:
    """Methods that send a code to a contact."""

    @pytest.mark.parametrize(
        ("method", "text", "contact"),
        [
            pytest.param(method, text, contact, id=f"{method.name}, {text.strip()}")
            for method in SENT_CODES
            for text, contact in known_about(method).TAKEN.items()
        ],
    )
    def test_a_contact_has_one_canonical_form_and_is_stored_unchanged(
        self, method: SentCodeMethod, text: str, contact: str
    ) -> None:
        """The stored text gives the same contact, byte for byte (R-19), and so does typing it again."""
        taken = method.contact(text, POLICY)
        assert taken.text == contact
        assert method.stored(taken.kept) == taken
        assert method.contact(taken.text, POLICY).text == taken.text
        assert method.stored(taken.kept).canonical == taken.canonical

    @pytest.mark.parametrize(
        ("method", "text"),
        [
            pytest.param(method, text, id=f"{method.name}, {what}")
            for method in SENT_CODES
            for what, text in {
                "nothing": "",
                "a blank": " ",
                "a null character": "\x00",
                "a new line": "\n",
                "a word": "nonsense",
                "far too much": "a" * 5_000,
                "half of a surrogate pair": "\ud800",
                **known_about(method).REFUSED,
            }.items()
        ],
    )
    def test_an_invalid_contact_is_refused(self, method: SentCodeMethod, text: str) -> None:
        """The error names the field and does not contain the text, which may be a part of an address."""
        with pytest.raises(InvalidInput) as refused:
            method.contact(text, POLICY)
        assert refused.value.field == "contact"
        assert not text.strip() or text not in str(refused.value)

    @each_sent_code
    def test_a_stored_contact_is_not_checked_again(self, method: SentCodeMethod) -> None:
        """A domain or country that was removed from the list must not lock anybody out (R-19)."""
        stored = next(iter(known_about(method).TAKEN.values()))
        with pytest.raises(InvalidInput):
            method.contact(stored, a_policy(countries=(), refused_email_domains=("mail.example",)))
        assert method.stored(stored).text == stored

    @each_sent_code
    def test_a_method_lists_each_channel_once(self, method: SentCodeMethod) -> None:
        """The first one is the default."""
        assert len(set(method.channels)) == len(method.channels)


def begun(method: KeptSecretMethod, seed: bytes = SEED) -> Enrolment:
    drawn = method.drawn(seed) if isinstance(method, HashedSecretMethod) else ()
    return method.begin_enrolment(seed, context_of(method, None, *drawn, salt=seed.hex()), account_name="ada")


class Person:
    """A person who set the method up on Monday morning."""

    def __init__(self, method: KeptSecretMethod) -> None:
        self.method = method
        self.known = known_about(method)
        self.enrolment = begun(method)
        self.challenge: Mapping[str, str] = {}
        """What the page shows."""
        self.pinned: Mapping[str, str] = {}
        """What the answer is judged with: the same, where nothing depends on the account."""
        self.now = MONDAY_MORNING
        self.asked = 0

    def right(self) -> str:
        return self.exact(self.known.answer(self.enrolment.shown, self.challenge, self.now))

    def wrong(self) -> str:
        return self.exact(self.known.wrong(self.right()))

    def exact(self, answer: str) -> str:
        return exact_answer(self.method, answer, POLICY, first=self.asked == 0)

    def ask(self, stored: str) -> None:
        """Begin another verification, at a time when its answer can be right."""
        self.asked += 1
        self.challenge = self.pinned = self.method.challenge(bytes([self.asked]) * 32, RELYING_PARTY)
        if isinstance(self.method, KnownSecretMethod):
            prompt = self.method.prompt(stored, a_context())
            self.challenge, self.pinned = prompt.shown, prompt.pinned
        self.now += self.known.SPENT_FOR

    def finished(self) -> str:
        """Return what is stored after enrolment, at a time when the next answer can be right."""
        stored = self.confirmed(self.enrolment.kept, self.right())
        assert stored is not None
        self.ask(stored)
        return stored

    def confirmed(self, kept: str, answer: str, now: datetime | None = None) -> str | None:
        return self.method.finish_enrolment(kept, answer, context_of(self.method, kept, answer, now=now or self.now))

    def judged(self, stored: str | None, answer: str, now: datetime | None = None) -> str | None:
        context = context_of(self.method, stored, answer, now=now or self.now)
        return self.method.judge(stored, self.pinned, answer, context).kept


@pytest.fixture(params=KEPT_SECRETS, ids=lambda method: method.name)
def ada(request: pytest.FixtureRequest) -> Person:
    return Person(request.param)


class TestKeptSecrets:
    """Methods that judge the answer themselves."""

    def test_an_enrolment_shows_only_what_the_page_needs(self, ada: Person) -> None:
        """The secret is shown once. The text that the service stores is not shown."""
        assert set(ada.enrolment.shown) == ada.known.SHOWN
        assert all(isinstance(shown, str) and shown for shown in ada.enrolment.shown.values())
        assert isinstance(ada.enrolment.kept, str)
        assert ada.enrolment.kept not in ada.enrolment.shown.values()
        json.dumps(dict(ada.enrolment.shown))

    def test_the_repr_of_an_enrolment_has_no_secret(self, ada: Person) -> None:
        """An enrolment in a log line or a trace reveals nothing (R-101)."""
        printed = f"{ada.enrolment!r} {ada.enrolment}"
        for text in (*ada.enrolment.shown.values(), ada.enrolment.kept):
            assert text not in printed

    def test_two_enrolments_have_different_secrets(self, ada: Person) -> None:
        """Also for one person: the secret depends on the seed only."""
        other = begun(ada.method, ANOTHER_SEED)
        assert other.kept != ada.enrolment.kept
        assert other.shown != ada.enrolment.shown

    def test_the_same_seed_makes_the_same_secret(self, ada: Person) -> None:
        """A method draws no random values itself, so a repeated decision gives the same result."""
        assert begun(ada.method) == ada.enrolment

    def test_a_wrong_answer_does_not_confirm_a_secret(self, ada: Person) -> None:
        """It does not prove that the person has it. Only where the person chooses the secret, nothing is wrong yet."""
        is_chosen = getattr(ada.known, "CHOSEN", False)
        assert (ada.confirmed(ada.enrolment.kept, ada.wrong()) is not None) is is_chosen

    def test_the_answer_that_confirms_a_secret_cannot_be_used_again(self, ada: Person) -> None:
        """It does not also pass a gate."""
        answer, now = ada.right(), ada.now
        stored = ada.finished()
        assert isinstance(stored, str)
        assert ada.confirmed(stored, answer, now) is None
        assert ada.judged(stored, answer, now) is None

    def test_a_right_answer_is_right_once(self, ada: Person) -> None:
        """The stored text changes, and the same answer is then wrong."""
        stored, answer = ada.finished(), ada.right()
        after = ada.judged(stored, answer)
        assert isinstance(after, str)
        assert after != stored
        assert ada.judged(after, answer) is None

    def test_later_answers_are_right(self, ada: Person) -> None:
        """Each is judged with the text that the one before left."""
        stored: str | None = ada.finished()
        for _ in range(3):
            stored = ada.judged(stored, ada.right())
            assert stored is not None
            ada.ask(stored)

    def test_a_wrong_answer_stores_nothing(self, ada: Person) -> None:
        """The result is None."""
        assert ada.judged(ada.finished(), ada.wrong()) is None

    def test_the_answer_of_another_secret_is_wrong(self, ada: Person) -> None:
        """Each credential has its own answers."""
        stored = ada.finished()
        other = begun(ada.method, ANOTHER_SEED)
        ada.known.answer(other.shown, {}, ada.now)
        answer = ada.exact(ada.known.answer(other.shown, ada.challenge, ada.now))
        assert ada.judged(stored, answer) is None

    @pytest.mark.parametrize("answer", [pytest.param(Person.right, id="right"), pytest.param(Person.wrong, id="wrong")])
    def test_every_answer_is_wrong_where_nothing_is_stored(self, ada: Person, answer: Any) -> None:
        """For a stranger's row, and for a place without a credential."""
        ada.finished()
        assert ada.judged(None, answer(ada)) is None

    def test_a_wrong_answer_costs_the_same_where_nothing_is_stored(self, ada: Person) -> None:
        """The same calls of cryptographic functions, so that time does not tell whether there is a secret (rule 9)."""
        stored, wrong = ada.finished(), ada.wrong()
        for kept in (None, stored):
            ada.judged(kept, wrong)  # so that imports on first use are not counted
        work = cryptographic_calls(lambda: ada.judged(stored, wrong))
        assert sum(work.values()) > 0, "nothing was measured"
        assert cryptographic_calls(lambda: ada.judged(None, wrong)) == work

    def test_a_right_answer_costs_the_same_as_a_wrong_one(self, ada: Person) -> None:
        """Every accepted value is computed, so that time does not tell which one matched."""
        stored, right, wrong = ada.finished(), ada.right(), ada.wrong()
        ada.judged(stored, right)
        work = cryptographic_calls(lambda: ada.judged(stored, right))
        assert cryptographic_calls(lambda: ada.judged(stored, wrong)) == work

    def test_a_challenge_has_the_same_names_and_sizes_for_every_account(self, ada: Person) -> None:
        """It is made from a seed only and tells nothing about the account."""
        shapes = [
            {name: len(text) for name, text in ada.method.challenge(seed, RELYING_PARTY).items()}
            for seed in (SEED, ANOTHER_SEED)
        ]
        assert shapes[0] == shapes[1]
        assert ada.method.challenge(SEED, RELYING_PARTY) == ada.method.challenge(SEED, RELYING_PARTY)

    def test_a_method_allows_a_small_number_of_secrets(self, ada: Person) -> None:
        """At least one, and few enough for a page to show and for an answer to be judged against each."""
        assert 1 <= ada.method.most <= 10
