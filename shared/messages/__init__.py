"""The texts of messages and errors, in each language.

    en/ fr/        one folder per template, with subject.txt, body.txt, body.html (a fragment) and sms.txt
    layout.html    the HTML page around each fragment
    renderer.py    renders a message from a template and its fields
    words.py       fields in words: names of methods, times, product names
    problems.py    the texts of error responses

To add a language, add a folder, its texts in words.py and problems.py, and its name in `words.Language`. Tests report
what is missing.
"""

from shared.messages.renderer import Rendered, render

__all__ = ["Rendered", "render"]
