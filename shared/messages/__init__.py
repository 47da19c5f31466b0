"""Words: what people are told, in each language.

    en/ fr/        one folder per template, with subject.txt, body.txt, body.html (a fragment) and sms.txt
    layout.html    what every fragment stands in
    renderer.py    a template and its fields in, a message out
    words.py       fields as people read them: methods, instants, names
    problems.py    the texts of problem documents

A new language is a folder, a column in words.py and problems.py, and its name in `words.Language`; the tests say what
is missing.
"""

from shared.messages.renderer import Rendered, render

__all__ = ["Rendered", "render"]
