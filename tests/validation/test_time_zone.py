"""The names of time zones that a person may choose."""

import pytest

from shared.validation.time_zone import zone_name


@pytest.mark.parametrize(
    "name", ["UTC", "Europe/Paris", "Pacific/Auckland", "Asia/Calcutta", "America/Argentina/Ushuaia"]
)
def test_the_names_of_the_iana_database_are_zones(name: str) -> None:
    """Older names too: browsers still give them."""
    assert zone_name(name) == name


@pytest.mark.parametrize(
    "text",
    ["", "Paris", "europe/paris", "CET-1CEST", "+01:00", "posix/UTC", "right/UTC", "localtime", "zone.tab", "Factory",
     "../../etc/localtime", "/etc/localtime", "Europe/Paris\n", "Europe//Paris", "Europe"],
)  # fmt: skip
def test_other_text_is_no_zone(text: str) -> None:
    """Also what a system has beside the database, and paths: ZoneInfo reads files."""
    with pytest.raises(ValueError, match="not a time zone"):
        zone_name(text)
