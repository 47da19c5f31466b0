"""The texts of messages and errors, in each language.

    en.json fr.json   one catalogue per language: the texts of pages, problems and messages
    catalogue.py      finds a text and fills in its fields
    renderer.py       renders a message from its texts and fields
    layout.html       the HTML page around an email
    words.py          fields in words: names of methods, times, product names
    problems.py       the texts of error responses

docs/translating.md tells how to add a language.
"""

from shared.messages.renderer import Rendered, render

__all__ = ["Rendered", "render"]
