"""Seal and open contacts and kept secrets. Each is bound to its account, method and credential."""

from dataclasses import dataclass, replace

from shared.domain.account import AccountKey
from shared.domain.contact import Contact
from shared.domain.person import Sealed, seal_purpose
from shared.domain.policy import Policy
from shared.methods import ALL, HashedSecretMethod, KeptSecretMethod, SentCodeMethod, evidence_of
from shared.ports.keyring import Keyring, Unreadable
from shared.ports.slow_hasher import SlowHasher


@dataclass(frozen=True, slots=True)
class Sealing:
    """Seals and opens. Opening returns None if the key was removed; each caller decides what that means."""

    keyring: Keyring
    hasher: SlowHasher | None = None
    """None where only contacts are opened."""

    def contact(self, account: AccountKey, method: SentCodeMethod, contact: Contact) -> Sealed:
        """Seal a contact for a row."""
        return Sealed(
            method=method.name,
            text=self._seal(contact.kept, account, method.name, ""),
            evidence=evidence_of(method, self.destination(contact.canonical)),
        )

    def secret(self, account: AccountKey, method: KeptSecretMethod, stored: str, credential: str) -> Sealed:
        """Seal a kept secret for a row."""
        return Sealed(
            method=method.name,
            text=self._seal(stored, account, method.name, credential),
            evidence=evidence_of(method, self.keyring.digest("credential", account, method.name, credential)),
            credential=credential,
        )

    def destination(self, canonical: str) -> str:
        """Return the keyed digest of a contact, by which it is counted and compared."""
        return self.keyring.digest("destination", canonical)

    def open(self, account: AccountKey, sealed: Sealed | None) -> str | None:
        """Return the text. For None the same work is done: a stranger's answer must not be quicker (rule 9)."""
        if sealed is None:
            self._seal("", account, "", "")
            return None
        try:
            text = self.keyring.open(sealed.text, account=account, purpose=sealed.purpose)
        except Unreadable:
            return None
        return text if self._can_be_judged(sealed.method, text) else None

    def open_usable(self, account: AccountKey, sealed: Sealed, policy: Policy) -> str | None:
        """Return the text of what can still prove something. None if its key was removed, or the policy forbids it."""
        method, text = ALL[sealed.method], self.open(account, sealed)
        if text is None or (isinstance(method, KeptSecretMethod) and not method.still_proves(text, policy)):
            return None
        return text

    def wants_renewal(self, account: AccountKey, sealed: Sealed, policy: Policy) -> bool:
        """Whether a part of this kept secret proves nothing any more."""
        method, text = ALL[sealed.method], self.open(account, sealed)
        return isinstance(method, KeptSecretMethod) and text is not None and method.wants_renewal(text, policy)

    def open_contact(self, account: AccountKey, sealed: Sealed) -> Contact | None:
        """Return the contact. None for a kept secret, and for a contact that cannot be opened."""
        method = ALL[sealed.method]
        text = self.open(account, sealed) if isinstance(method, SentCodeMethod) else None
        return None if text is None or not isinstance(method, SentCodeMethod) else method.stored(text)

    def with_text(self, account: AccountKey, sealed: Sealed, text: str) -> Sealed:
        """Return a copy with another text, sealed."""
        return replace(sealed, text=self._seal(text, account, sealed.method, sealed.credential))

    def _can_be_judged(self, name: str, text: str) -> bool:
        """Whether the pepper of slow hashes is still there. Without it the secret is lost, as without its seal key."""
        method = ALL.get(name)
        if self.hasher is None or not isinstance(method, HashedSecretMethod):
            return True
        return self.hasher.knows(method.salt_of(text))

    def _seal(self, text: str, account: AccountKey, method: str, credential: str) -> str:
        return self.keyring.seal(text, account=account, purpose=seal_purpose(method, credential))
