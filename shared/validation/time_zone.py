"""Accept the names of time zones that the IANA database has, in the version that the service ships (package tzdata)."""

from functools import cache


@cache
def _zones() -> frozenset[str]:
    from importlib.resources import files  # noqa: PLC0415  read on first use

    return frozenset(files("tzdata").joinpath("zones").read_text("ascii").split()) - {"Factory"}


def zone_name(text: str) -> str:
    """Return the name of a zone, such as `Pacific/Auckland`. Raises ValueError for any other text.

    The list decides and not the file system: ZoneInfo reads whatever file has the name, and some systems have more.
    """
    if text not in _zones():
        raise ValueError("not a time zone")
    return text
