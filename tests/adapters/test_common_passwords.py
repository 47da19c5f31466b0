"""The shipped list of common passwords."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.adapters import common_passwords
from shared.domain.password_folding import folded
from shared.domain.password_rules import Rule, broken_rules, check_password

FOLDER = Path(common_passwords.__file__).parent


def test_the_list_is_long_enough_and_small_enough() -> None:
    """ASVS 6.2.4 asks for at least 3,000 entries; a deployment carries less than 300 kB."""
    assert len(common_passwords.load()) >= 20_000
    assert sum(len(word) >= 8 for word in common_passwords.load()) >= 3_000
    assert (FOLDER / "words.txt").stat().st_size < 300_000


def test_every_entry_is_in_folded_form() -> None:
    """A change to the folding that leaves the list behind would silently stop entries from matching."""
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
def test_what_people_choose_is_listed(password: str) -> None:
    """English favourites, French and other European ones, and names, however they are decorated."""
    assert Rule.BLOCKLISTED in broken_rules(check_password(password, blocklist=common_passwords.load()))


def test_every_own_entry_is_listed() -> None:
    """The list was built after the last change of `european.txt`."""
    own = [line for line in (FOLDER / "european.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [word for word in own if len(word) >= 4 and folded(word) not in common_passwords.load()] == []


def test_the_list_is_read_on_first_use_only() -> None:
    """Importing the module costs nothing at cold start, and the second use costs nothing at all."""
    assert common_passwords.load() is common_passwords.load()
    check = "from shared.adapters import common_passwords as c; assert not c.load.cache_info().currsize"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=FOLDER.parents[2])


def test_the_notice_stands_beside_the_list() -> None:
    """The licence of the sources asks for its text in every copy."""
    notice = (FOLDER / "NOTICE").read_text("utf-8")
    assert "Permission is hereby granted" in notice
    assert "@zxcvbn-ts/language-common 4.1.3" in notice
