"""Find what the repository cites and names: numbers of rules and requirements, standards, and files.

A citation is a number that docs/rules.md explains. R and A always have a hyphen (`R-26`); C, D and M count only where a
sentence or a parenthesis ends them (`(D6)`, `D7, rule 17`, `M13: ...`), so that no drawing, colour or check is one.
"""

import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from tests.architecture.tree import ROOT

BOOK: Final = "docs/rules.md"
SAMPLES: Final = {"tests/architecture/citations.py", "tests/architecture/test_citations.py"}
"""These two files have examples of citations that must not count."""

WRITTEN: Final = "md|py|bicep|bicepparam|tsx?|js|css|html|ya?ml|toml|ini|sh|ps1|in"
NOT_OURS: Final = {"LICENSE", "NOTICE"}
BUILT: Final = ("web/dist/", "web/generated/", "web/node_modules/", "web/public/config.json")
"""Made by a build or a hook, so a new clone does not have them."""

_GAP = r"(?:[ \t]*\n[ \t]*(?:#|//|\*|>)*[ \t]*|[ \t]+)"
_AND = rf"(?:,{_GAP}|{_GAP}(?:and|or){_GAP})"
_TO = rf"(?:{_GAP}to{_GAP}|-)"
_ENDS = rf"(?=\)|[,:;](?=\s)|\.(?=\s|\"|$)|{_GAP}(?:and|to){_GAP}|-[CDM][1-9])"
_STARTS = r'(?:(?<=""")|(?<![\w"\'/%.#=&$-]))'

_RULES = re.compile(rf"\brules?{_GAP}(\d+(?:(?:{_AND}|{_TO})\d+)*)", re.IGNORECASE)
_ONE_RULE = re.compile(rf"\brule{_GAP}\d+", re.IGNORECASE)
_LETTERED = re.compile(rf"\b[RA]-\d{{1,3}}\b|{_STARTS}[CDM][1-9]\d?[a-z]?{_ENDS}")
_RANGE = re.compile(
    rf"\b(?P<kind>[RA]-|[CDM])(?P<first>\d{{1,3}}){_TO}(?P=kind)(?P<last>\d{{1,3}})\b|"
    rf"(?<=\d)(?P<rules>){_TO}(?=\d)"
)
_STANDARDS: Final = (
    (re.compile(rf"\b(?:NIST{_GAP})?SP (800-\d+[A-Z]?(?:-\d)?)"), "NIST SP {}"),
    (re.compile(rf"\bOWASP{_GAP}ASVS{_GAP}(\d\.\d)(?!\.)"), "OWASP ASVS {}"),
    (re.compile(rf"(?<!OWASP )(?<!OWASP\n)\bASVS\b(?!{_GAP}\d\.\d(?!\.))"), "ASVS"),
    (re.compile(rf"\bOWASP{_GAP}((?:[A-Z]\w+{_GAP})+?)Cheat{_GAP}Sheet\b"), "OWASP {} Cheat Sheet"),
    (re.compile(r"\b(API\d+:\d{4})\b"), "OWASP {}"),
    (re.compile(r"\b(N63B|API\d{1,2}|CS-[A-Z]{2,})\b(?!:)"), "{}"),
    (re.compile(rf"\bRFC{_GAP}(\d{{3,5}})\b"), "RFC {}"),
    (re.compile(rf"\bRFC{_GAP}\d{{3,5}}{_GAP}and{_GAP}(\d{{4,5}})\b"), "RFC {}"),
    (re.compile(r"\b(CVE-\d{4}-\d{4,})\b"), "{}"),
    (re.compile(r"\bWCAG (\d\.\d)\b"), "WCAG {}"),
    (re.compile(r"\bWebAuthn Level (\d)\b"), "WebAuthn Level {}"),
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ADR = re.compile(r"\bdecision (\d{1,4})\b")
_PATH = re.compile(r"(?<![\w./*{}<>@:$%-])((?:[\w.*-]+/)+(?:[\w.*-]*\w)?)")


@dataclass(frozen=True, slots=True)
class Found:
    """A citation or a name, and where it is."""

    what: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@cache
def tracked() -> frozenset[str]:
    """Return the files that git tracks, and those that are about to be added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(name for name in listed.splitlines() if (ROOT / name).is_file())


@cache
def folders() -> frozenset[str]:
    return frozenset(str(parent) for name in tracked() for parent in PurePosixPath(name).parents)


def is_read(name: str) -> bool:
    """Whether people write this file. Lock files, licences, drawings and generated JSON are not included."""
    path = PurePosixPath(name)
    if name in SAMPLES or path.name in NOT_OURS:
        return False
    return not path.suffix or re.fullmatch(WRITTEN, path.suffix[1:]) is not None


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def sources() -> list[str]:
    return sorted(name for name in tracked() if is_read(name))


def kind_of(what: str) -> str:
    """Return the kind of a cited number: `rule`, a letter, or `standard`."""
    if what.startswith("rule "):
        return "rule"
    return what[0] if re.fullmatch(r"[RA]-\d+|[CDM]\d+[a-z]?", what) else "standard"


def citations(text: str) -> Iterator[tuple[str, int]]:
    """Yield every number and standard that the text cites, with its position. Ranges are expanded."""
    for match in _RULES.finditer(text):
        if alone := _ONE_RULE.match(text, match.start()):  # `rule 9, 10 a day` cites one
            yield f"rule {re.findall(r'[0-9]+', alone[0])[0]}", match.start()
            continue
        numbers = [int(number) for number in re.findall(r"\d+", match[1])]
        joints = re.split(r"\d+", match[1])[1:-1]
        for left, joint, right in zip(numbers, joints, numbers[1:], strict=False):
            if re.fullmatch(_TO, joint):
                numbers += range(left + 1, right)
        for number in sorted(numbers):
            yield f"rule {number}", match.start()
    for match in _LETTERED.finditer(text):
        yield match[0], match.start()
    for match in _RANGE.finditer(text):
        if match["kind"]:
            width = len(match["first"])
            for number in range(int(match["first"]), int(match["last"]) + 1):
                yield f"{match['kind']}{number:0{width}}", match.start()
    for pattern, form in _STANDARDS:
        for match in pattern.finditer(text):
            yield " ".join(form.format(*match.groups()).split()), match.start()


@cache
def cited() -> tuple[Found, ...]:
    return tuple(
        Found(what, name, text_of(name).count("\n", 0, at) + 1)
        for name in sources()
        for what, at in citations(text_of(name))
    )


@cache
def entries() -> tuple[str, ...]:
    """Return what docs/rules.md explains: its headings of rules, and the cited numbers and names of its tables."""
    book = text_of(BOOK)
    found = [f"rule {number}" for number in re.findall(r"^### Rule (\d+)$", book, re.MULTILINE)]
    standards = book.partition("\n## Standards\n")[2]
    numbered = book.removesuffix(standards)
    found += re.findall(r"^\| ([RA]-\d+|[CDM]\d+[a-z]?) \|", numbered, re.MULTILINE)
    for row in re.findall(r"^\| (.+) \|$", standards, re.MULTILINE):
        cells = [cell.strip() for cell in row.split("|")]
        found += [cell for cell in (cells[0], *cells[2:]) if cell and not cell.startswith(("-", "Cited", "Abbrev"))]
    return tuple(found)


def _prose(name: str) -> Iterator[tuple[str, int]]:
    """Yield the text for people, with its first line: comments and docstrings of Python, all of other files."""
    text = text_of(name)
    if not name.endswith(".py"):
        yield text, 1
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and token.string.startswith('"""')):
            yield token.string, token.start[0]


def _in_prose(pattern: re.Pattern[str], *suffixes: str) -> Iterator[Found]:
    for name in sources():
        if not suffixes or name.endswith(suffixes):
            for text, first in _prose(name):
                for match in pattern.finditer(text):
                    yield Found(match[1], name, first + text.count("\n", 0, match.start()))


def links() -> Iterator[Found]:
    """Yield the relative links of pages."""
    for found in _in_prose(_LINK, ".md"):
        if not re.match(r"[a-z]+:", found.what):
            yield found


def named_documents() -> Iterator[Found]:
    """Yield the named pages below docs/, also decisions that are named by number."""
    for found in _in_prose(_PATH):
        if found.what.startswith("docs/"):
            yield found
    for found in _in_prose(_ADR):
        yield Found(f"docs/decisions/{int(found.what):04}", found.file, found.line)


def named_files() -> Iterator[Found]:
    """Yield the named files and folders outside docs/, from the root or from the folder of the naming file."""
    whole = re.compile(rf".*(?:\.(?:{WRITTEN}|json|txt|svg)|/)")
    for found in _in_prose(_PATH):
        top = found.what.partition("/")[0]
        here = PurePosixPath(found.file).parent
        built = found.what.startswith(BUILT) or resolved(here / found.what).startswith(BUILT)
        if built or not whole.fullmatch(found.what) or found.what.startswith("docs/"):
            continue
        if top in folders() or resolved(here / top) in folders():
            yield found


def is_there(path: str, *, beside: str = "") -> bool:
    """Whether the file or folder exists, from the root or from the folder of the file `beside`.

    `*` matches anything, and the number of a decision matches its whole name.
    """
    places = [PurePosixPath(path.rstrip("/"))]
    if beside:
        places.append(PurePosixPath(beside).parent / path.rstrip("/"))
    for place in places:
        plain = resolved(place)
        words = r"-[\w-]+\.md" if place.name.isdigit() else ""
        pattern = re.compile(re.escape(plain).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*") + words)
        if plain in folders() or any(pattern.fullmatch(name) for name in tracked()):
            return True
    return False


def resolved(place: PurePosixPath) -> str:
    """Return the path without `.` and `..`. Empty if it is outside of the tree."""
    parts: list[str] = []
    for part in place.parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return ""
    return "/".join(parts)
