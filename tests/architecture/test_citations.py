"""docs/rules.md explains every cited number, and every document and file that is named exists."""

import re
from collections import Counter
from pathlib import PurePosixPath

import pytest

from tests.architecture import citations as book

NUMBERED = {"rule": "rules of the protocol", "R": "requirements", "A": "attacks", "C": "choices", "D": "decisions"}
NUMBERED |= {"M": "capabilities", "standard": "standards and published weaknesses"}


@pytest.mark.parametrize("kind", NUMBERED, ids=NUMBERED.values())
def test_every_cited_number_is_explained(kind: str) -> None:
    """In docs/rules.md, so that a reader can look it up."""
    lost = [str(at) for at in book.cited() if book.kind_of(at.what) == kind and at.what not in book.entries()]
    assert lost == []


@pytest.mark.parametrize("kind", ["R", "A", "C"])
def test_every_requirement_is_cited(kind: str) -> None:
    """A requirement that no code and no test cites is either not met or not needed."""
    used = {at.what for at in book.cited() if at.file != book.BOOK}
    assert [entry for entry in book.entries() if book.kind_of(entry) == kind and entry not in used] == []


def test_the_rules_are_numbered_from_1_to_34_without_a_gap() -> None:
    """Rules are never renumbered, because code cites them by number."""
    rules = [entry for entry in book.entries() if book.kind_of(entry) == "rule"]
    assert rules == [f"rule {number}" for number in range(1, 35)]


def test_every_number_is_explained_once() -> None:
    """One number has one meaning."""
    assert [entry for entry, times in Counter(book.entries()).items() if times > 1] == []


def test_every_linked_file_exists() -> None:
    """Links from pages to pages and to code, relative to the page."""
    lost = []
    for link in book.links():
        path = link.what.partition("#")[0]
        if path and not book.is_there(str(PurePosixPath(link.file).parent / path)):
            lost.append(str(link))
    assert lost == []


def test_every_linked_heading_exists() -> None:
    """`page.md#some-heading`, as GitHub makes the anchor from the words of the heading."""
    lost = []
    for link in book.links():
        path, _, anchor = link.what.partition("#")
        page = book.resolved(PurePosixPath(link.file).parent / path) if path else link.file
        if anchor and anchor not in anchors(page):
            lost.append(str(link))
    assert lost == []


def test_every_named_document_exists() -> None:
    """`docs/settings.md` in a comment, `docs/decisions/0006`, `decision 6`."""
    assert [str(at) for at in book.named_documents() if not book.is_there(at.what)] == []


def test_every_named_file_exists() -> None:
    """Paths in comments, docstrings and pages, from the root or from the folder of the file that names them."""
    assert [str(at) for at in book.named_files() if not book.is_there(at.what, beside=at.file)] == []


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("(rule 4)", ["rule 4"]),
        ("(rules 1, 2 and 10)", ["rule 1", "rule 2", "rule 10"]),
        ("(rules 3 and\n    # 11)", ["rule 3", "rule 11"]),
        ("rules 26 to 28", ["rule 26", "rule 27", "rule 28"]),
        ("rule 9, 10 a day", ["rule 9"]),
        ("password_rules 3", []),
        ("R-40 to R-42", ["R-40", "R-41", "R-42"]),
        ("(A-18, A-22)", ["A-18", "A-22"]),
        ('"""M2-M4, rule 17."""', ["M2", "M3", "M4", "rule 17"]),
        ('"""M13, M14: stale before."""', ["M13", "M14"]),
        ("(rule 11, D7a)", ["D7a", "rule 11"]),
        ("see D7.", ["D7"]),
        ('<path d="M18 142V60a42 C3 D8"/>', []),
        ('"D1",  # docstrings', []),
        ("/api/%C3%A9", []),
        ("#C3, #D10)", []),
        ("OWASP ASVS 5.0 6.5.5", ["OWASP ASVS 5.0"]),
        ("ASVS 6.5.5 and N63B 4.6 and CS-MFA and API4", ["API4", "ASVS", "CS-MFA", "N63B"]),
        ("OWASP API4:2023", ["OWASP API4:2023"]),
        ("the OWASP Password Storage Cheat\n# Sheet", ["OWASP Password Storage Cheat Sheet"]),
        ("RFC 5321 and 5322, SP 800-63B-4 section 3", ["NIST SP 800-63B-4", "RFC 5321", "RFC 5322"]),
        ("CVE-2026-18963", ["CVE-2026-18963"]),
    ],
)
def test_only_real_citations_are_found(text: str, cited: list[str]) -> None:
    """Lists, ranges and wrapped lines are read in full. Drawings, colours, addresses and check names are not."""
    assert sorted({what for what, _ in book.citations(text)}) == sorted(cited)


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings. Empty if the page does not exist."""
    if page not in book.tracked():
        return set()
    headings = re.findall(r"^#+ (.+)$", book.text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
