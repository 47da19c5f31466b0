"""List the languages of pages, problems and messages. docs/translating.md tells how to add one."""

from typing import Final, Literal, get_args

Language = Literal["en", "fr"]
"""Each has a catalogue, `shared/messages/<language>.json`. The first is used where none of them is wanted."""

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
