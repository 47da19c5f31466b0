"""Read the code that somebody typed, or the message with it that somebody pasted (rule 19).

What cannot be a code is refused with what is wrong with it. It costs no try. It depends on the text and on the shape of
codes alone, so it is the same for everybody.
"""

import re
from collections.abc import Sequence
from typing import Final

from shared.domain import activation
from shared.domain.code_shape import CodeShape
from shared.domain.errors import InvalidInput
from shared.domain.objection import CODE_LETTERS, LENGTH
from shared.validation.typed_text import cleaned

_AS_MEANT: Final = str.maketrans("OIL", "011")
"""What is read as one of these letters is taken for the digit that it looks like."""


def typed_code(text: str, shape: CodeShape, *, field: str = "answer") -> str:
    """Return the digits. Raises InvalidInput for text that cannot be a code; no try is counted then."""
    typed = cleaned(text)
    bare = _without_separators(typed)
    digits = bare.isascii() and bare.isdecimal()
    if digits and len(bare) == shape.digits:
        return bare
    found = shape.found_in(typed)
    if len(found) == 1:
        return found.pop()
    if found:
        raise InvalidInput(field, "several_codes")
    if digits:
        raise InvalidInput(field, "too_short" if len(bare) < shape.digits else "too_long")
    raise InvalidInput(field, "unknown_characters" if any(map(str.isdecimal, bare)) else "no_code")


def typed_objection(text: str, *, field: str = "code") -> str:
    """Return the code from a notice in its canonical form. Raises InvalidInput for text that cannot be one."""
    return typed_letters(text, (LENGTH // 2, LENGTH // 2), field=field)


def typed_activation(text: str, *, field: str = "code") -> str:
    """Return the code from a letter in its canonical form. Raises InvalidInput for text that cannot be one."""
    return typed_letters(text, (activation.GROUP,) * (activation.LENGTH // activation.GROUP), field=field)


def typed_letters(text: str, groups: Sequence[int], *, field: str = "answer") -> str:
    """Return a code of letters and digits in its canonical form: upper case, without what stands between its groups.

    Raises InvalidInput for text that cannot be one; no try is counted then.
    """
    typed, length = cleaned(text), sum(groups)
    bare = _without_separators(typed)
    code = bare.upper().translate(_AS_MEANT) if bare.isascii() else ""
    if re.fullmatch(f"[{CODE_LETTERS}]{{{length}}}", code):
        return code
    grouped = "-".join(f"[{CODE_LETTERS}]{{{size}}}" for size in groups)
    found = {_without_separators(code) for code in re.findall(rf"(?<![\w-]){grouped}(?![\w-])", typed)}
    if len(found) == 1:
        return found.pop()
    if found:
        raise InvalidInput(field, "several_codes")
    if bare.isascii() and bare.isalnum():
        raise InvalidInput(
            field, "too_short" if len(bare) < length else "too_long" if len(bare) > length else "no_code"
        )
    raise InvalidInput(field, "unknown_characters" if bare else "no_code")


def _without_separators(typed: str) -> str:
    return typed.replace(" ", "").replace("-", "")
