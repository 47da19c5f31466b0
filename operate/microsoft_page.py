"""Writes the sign-in at Microsoft into the built page: whom to ask, as which application, and for which permission.

A page without it asks for a password. A deployment (hooks/web_config.py) and the local stack use it alike.
"""

import html
import json
import re
from typing import Final

from shared.domain.entra_apps import SCOPE, EntraApps

_PLACE: Final = re.compile(r'<meta name="microsoft" content="[^"]*"\s*/?>')


def with_sign_in(template: str, apps: EntraApps | None) -> str:
    """Return the page with the registrations in it, in place of earlier ones. Raises ValueError without a place."""
    told = {} if apps is None else {
        "authority": f"{apps.authority}/{apps.tenant}", "client": apps.page, "scope": f"api://{apps.api}/{SCOPE}"
    }  # fmt: skip
    written, places = _PLACE.subn(f'<meta name="microsoft" content="{html.escape(json.dumps(told))}">', template)
    if places != 1:
        raise ValueError("the page has no place for the sign-in at Microsoft")
    return written
