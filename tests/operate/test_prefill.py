"""The letters of `./sesame prefill`."""

from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from operate import prefill


def test_a_letter_of_an_earlier_import_is_replaced(tmp_path: Path) -> None:
    """Its code is void. Whoever printed the folder would hand over a letter that opens nothing."""
    said = {"organisation": "Corp", "page": "https://reset.example.org/activate", "helpdesk": "", "next": None}
    for code in ("AAAA-BBBB", "CCCC-DDDD"):
        one = {"row": 2, "identifier": "noor.new", "code": code, "expires_at": "2026-12-19T10:59:00Z"}
        answer = {**said, "letters": [{**one, "language": "en", "first_password": True}]}
        caller = cast("Any", SimpleNamespace(post=lambda *_, answer=answer: answer))
        assert prefill._letters(caller, "job", Namespace(letters=tmp_path, format="txt")) == 1
        [letter] = tmp_path.iterdir()
        assert code in letter.read_text("utf-8")
        assert letter.stat().st_mode & 0o777 == 0o600
