"""Define the two families of methods and what each method must implement.

    sent code      a code is sent to a contact; the service derives, claims and judges it for every such method
    kept secret    the person keeps a secret (an app, a key, a sheet); the method itself judges the answer
      hashed       only slow hashes of the secret are stored; the service computes them before the method judges
        known      others may find it out or guess it; it is asked only behind a passed gate

A method never sends, stores, draws random numbers or reads a clock. Use-cases depend on the families and never on the
name of a method.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from shared.domain.contact import Contact
from shared.domain.person import EvidenceClass
from shared.domain.policy import Policy

Texts = Mapping[str, Mapping[str, str]]
"""Texts in every language, by their id and then by language."""


class SentCodeMethod(ABC):
    """A method whose code is sent over a channel to a contact."""

    name: ClassVar[str]
    """The name in requests, in rows and in the texts of messages."""
    evidence: ClassVar[EvidenceClass]
    phishing_resistant: ClassVar[bool] = False
    channels: ClassVar[tuple[str, ...]]
    """The channels for its code, the default first. A method is offered where the installation has one of them."""
    set_by_administrator: ClassVar[bool] = False
    """Whether only an administrator may set or change the contact. Its owner confirms and removes it."""

    headers: ClassVar[str] = ""
    """The names of its column in files of other programs (shared/validation/columns.py): a line for each rank."""

    @abstractmethod
    def contact(self, text: str, policy: Policy) -> Contact:
        """Return the contact that a person or an administrator typed. Raises InvalidInput if it is not accepted."""

    @abstractmethod
    def stored(self, text: str) -> Contact:
        """Return the contact from its stored text, `kept`. It was checked when it was typed and is not again (R-19)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """This installation, as a credential knows it that answers to one site only (WebAuthn Level 3)."""

    id: str
    """The domain that such credentials are bound to (RP ID). Empty where none is set."""
    name: str
    """The name that an app or a passkey manager shows."""
    origins: tuple[str, ...]
    """The origins of the pages in which an answer may be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a kept secret's method may know beside the secret and the answer."""

    relying_party: RelyingParty
    handle: str = field(repr=False)
    """A pseudonym of the account, of 52 ASCII characters, for what the person keeps elsewhere (rule 26)."""
    now: datetime
    """In UTC."""
    policy: Policy = field(repr=False)
    salt: str = field(default="", repr=False)
    """Of a `HashedSecretMethod`: that of the set. It is drawn before `begin_enrolment`."""
    texts: Callable[[], Texts] = field(default=dict, repr=False)
    """What security questions say. Called only by a method that shows them: it reads every language."""
    hashes: tuple[str, ...] = field(default=(), repr=False)
    """Of a `HashedSecretMethod`: the slow hashes of `drawn` at `begin_enrolment`, and of `parts` everywhere else."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new credential: `shown` is what the page shows once, `kept` is what the row stores, sealed."""

    shown: Mapping[str, str] = field(repr=False)
    kept: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer proved. `kept` is the text to store after a right answer, None after a wrong one."""

    kept: str | None = field(default=None, repr=False)
    copied: bool = False
    """Whether the credential itself answered, but in a way that suggests that somebody has a copy of it."""


WRONG = Verdict()


class KeptSecretMethod(ABC):
    """A method whose secret the person keeps. Nothing is sent.

    `stored` is always the text that `finish_enrolment` returned, or the last verdict. The service seals and opens it.
    """

    name: ClassVar[str]
    evidence: ClassVar[EvidenceClass]
    phishing_resistant: ClassVar[bool] = False
    most: ClassVar[int] = 1
    """How many credentials of this method one account may have."""

    @abstractmethod
    def begin_enrolment(
        self, seed: bytes, context: Context, *, account_name: str, others: Sequence[str] = ()
    ) -> Enrolment:
        """Make a new credential from 32 random bytes. `others` are the stored texts of those that stay beside it."""

    @abstractmethod
    def finish_enrolment(self, kept: str, answer: str, context: Context) -> str | None:
        """Return the text to store. None if the answer does not prove that the person has the credential."""

    def challenge(self, seed: bytes, relying_party: RelyingParty) -> Mapping[str, str]:
        """Return what the page needs for an answer. It depends on no account, so it is alike for strangers."""
        del seed, relying_party
        return {}

    def still_proves(self, stored: str, policy: Policy) -> bool:
        """Whether what is stored can still prove something."""
        del stored, policy
        return True

    def wants_renewal(self, stored: str, policy: Policy) -> bool:
        """Whether a part of what is stored proves nothing any more, so that the person is told to set it up again."""
        del stored, policy
        return False

    @abstractmethod
    def exact(self, answer: str, policy: Policy) -> str:
        """Return the answer in its canonical form. Raises InvalidInput if its form cannot be right (rule 19)."""

    def exact_first(self, answer: str, policy: Policy) -> str:
        """Return the answer that finishes an enrolment in its canonical form, where that form is another one."""
        return self.exact(answer, policy)

    @abstractmethod
    def judge(self, stored: str | None, challenge: Mapping[str, str], answer: str, context: Context) -> Verdict:
        """Return what the answer proved. After a right one the stored text must make the same answer wrong.

        `stored` is None where the account has no credential at this place. Then do the same work and return WRONG.
        """

    def left(self, stored: str) -> int | None:
        """Return how many answers can still be right. None if there is no number. At 0 it proves nothing any more."""
        del stored
        return None


class HashedSecretMethod(KeptSecretMethod):
    """A kept secret of which only slow hashes are stored, because it is short enough to be guessed from fast ones.

    `stored` is a JSON object whose `salt` is that of the whole set: so an answer costs one hash for each of its parts,
    however large the set is. There is one set, because each would need hashes of its own.
    """

    most = 1

    def drawn(self, seed: bytes) -> tuple[str, ...]:
        """Return what a new set consists of, from the seed of `begin_enrolment`. Nothing if the person chooses it."""
        del seed
        return ()

    @abstractmethod
    def parts(self, answer: str) -> tuple[str, ...]:
        """Return what is hashed of an answer. Its shape alone decides how many there are (rule 9)."""

    def salt_of(self, stored: str) -> str:
        """Return the salt of a set."""
        return str(json.loads(stored)["salt"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a person is asked: `shown` goes to the page, `pinned` into the token. The answer is judged with `pinned`."""

    shown: Mapping[str, str]
    pinned: Mapping[str, str]


class KnownSecretMethod(HashedSecretMethod):
    """What a person knows, and others may find out or guess (`NEVER_FIRST` in shared/domain/person.py).

    Whoever is asked has passed a gate of this account, so what is asked may depend on the account.
    """

    evidence = EvidenceClass.KNOWLEDGE

    @abstractmethod
    def prompt(self, stored: str, context: Context) -> Prompt:
        """Return what is asked: the same until a right answer, so that nobody draws until it is easy."""

    @abstractmethod
    def refuse_guessable(self, answer: str, texts: Texts, names: Sequence[str]) -> None:
        """Raise InvalidInput for a first answer that is easy to guess. `names` are those of the account."""


Method = SentCodeMethod | KeptSecretMethod
