"""The shipped list of common passwords."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.adapters import common_passwords
from shared.domain.password_folding import folded
from shared.domain.password_rules import Rule, check_password

FOLDER = Path(common_passwords.__file__).parent


def test_the_common_password_list_has_3000_entries_and_stays_under_300_kb() -> None:
    """OWASP ASVS 5.0 6.2.4 requires at least 3,000 entries; the package must stay small (less than 300 kB)."""
    assert len(common_passwords.load()) >= 20_000
    assert sum(len(word) >= 8 for word in common_passwords.load()) >= 3_000
    assert (FOLDER / "words.txt").stat().st_size < 300_000


def test_every_common_password_is_stored_in_folded_form() -> None:
    """If the folding changes and the list does not, entries no longer match and the blocklist silently fails."""
    words = (FOLDER / "words.txt").read_text("utf-8").splitlines()
    assert [word for word in words if folded(word) != word] == []
    assert words == sorted(set(words))


@pytest.mark.parametrize(
    "password",
    [
        *["password", "123456789", "qwertyuiop", "iloveyou", "Azerty", "motdepasse", "P@ssw0rd", "Passwort"],
        *["contraseña", "wachtwoord", "Soleil", "doudou", "Müller", "Élodie", "changeme", "welcome1"],
    ],
)
def test_typical_common_passwords_are_listed(password: str) -> None:
    """English, French and other European favourites and names are found, with digits and signs added too."""
    (listed,) = (r for r in check_password(password, blocklist=common_passwords.load()) if r.rule is Rule.BLOCKLISTED)
    assert not listed.passed


def test_every_entry_of_our_european_list_is_in_the_built_list() -> None:
    """The built list must be rebuilt after each change of `european.txt`."""
    own = [line for line in (FOLDER / "european.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [word for word in own if len(word) >= 4 and folded(word) not in common_passwords.load()] == []


def test_the_common_password_list_is_read_once_on_first_use() -> None:
    """Importing the module must not slow the cold start, and a second use reads nothing."""
    assert common_passwords.load() is common_passwords.load()
    check = "from shared.adapters import common_passwords as c; assert not c.load.cache_info().currsize"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=FOLDER.parents[2])


def test_the_licence_notice_is_beside_the_common_password_list() -> None:
    """The licence of the sources requires its text in every copy."""
    notice = (FOLDER / "NOTICE").read_text("utf-8")
    assert "Permission is hereby granted" in notice
    assert "@zxcvbn-ts/language-common 4.1.3" in notice
