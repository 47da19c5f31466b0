"""Limits that an attack does not meet, so that what it tests is the row."""

from typing import Final

MANY_STARTS: Final = {
    "starts_per_client_minute": 1000, "starts_per_client_hour": 1000, "starts_per_name_and_client_hour": 1000,
    "starts_per_name_hour": 1000, "starts_per_name_day": 1000,
    "verify_failures_per_client_5min": 1000, "verify_failures_per_client_hour": 1000,
}  # fmt: skip
STRANGER: Final = "198.51.100.9"
"""The address of a client that never succeeded."""
