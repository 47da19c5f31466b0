"""Define the two families of methods and what each method must implement.

    sent code      a code is sent to a contact; the service derives, claims and judges it for every such method
    kept secret    the person keeps a secret (an app, a key, a sheet); the method itself judges the answer

A method never sends, stores, draws random numbers or reads a clock. Use-cases depend on the families and never on the
name of a method.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from shared.domain.contact import Contact
from shared.domain.person import EvidenceClass
from shared.domain.policy import Policy


class SentCodeMethod(ABC):
    """A method whose code is sent over a channel to a contact."""

    name: ClassVar[str]
    """The name in requests, in rows and in the texts of messages."""
    evidence: ClassVar[EvidenceClass]
    phishing_resistant: ClassVar[bool] = False
    channels: ClassVar[tuple[str, ...]]
    """The channels for its code, the default first. If empty, a contact can be prefilled but proves nothing."""

    @abstractmethod
    def contact(self, text: str, policy: Policy) -> Contact:
        """Return the contact that a person or an administrator typed. Raises InvalidInput if it is not accepted."""

    @abstractmethod
    def stored(self, text: str) -> Contact:
        """Return the contact from its stored text, `kept`. It was checked when it was typed and is not again (R-19)."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new credential: `shown` is what the page shows once, `kept` is what the row stores, sealed."""

    shown: Mapping[str, str] = field(repr=False)
    kept: str = field(repr=False)


class KeptSecretMethod(ABC):
    """A method whose secret the person keeps. Nothing is sent.

    `stored` is always the text that `finish_enrolment` or `judge` returned last. The service seals and opens it.
    """

    name: ClassVar[str]
    evidence: ClassVar[EvidenceClass]
    phishing_resistant: ClassVar[bool] = False
    most: ClassVar[int] = 1
    """How many credentials of this method one account may have."""

    @abstractmethod
    def begin_enrolment(self, seed: bytes, *, account_name: str, issuer: str) -> Enrolment:
        """Make a new credential from 32 random bytes."""

    @abstractmethod
    def finish_enrolment(self, kept: str, answer: str, now: datetime) -> str | None:
        """Return the text to store. None if the answer does not prove that the person has the credential."""

    def challenge(self, seed: bytes) -> Mapping[str, str]:
        """Return what the page needs for an answer, made from 32 random bytes only, so it is alike for strangers."""
        del seed
        return {}

    @abstractmethod
    def exact(self, answer: str, policy: Policy) -> str:
        """Return the answer in its canonical form. Raises InvalidInput if its form cannot be right (rule 19)."""

    @abstractmethod
    def judge(self, stored: str | None, challenge: Mapping[str, str], answer: str, now: datetime) -> str | None:
        """Return the text to store after a right answer, which must not be right again. None for a wrong answer.

        `stored` is None where the account has no credential at this place. Then do the same work and return None.
        """


Method = SentCodeMethod | KeptSecretMethod
