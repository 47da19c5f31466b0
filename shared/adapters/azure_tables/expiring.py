"""The tables by period: counters, rows of strangers, audit events, and imports."""

from datetime import timedelta
from typing import NamedTuple, Self

from azure.data.tables.aio import TableServiceClient

from shared.adapters.azure_tables._periods import PeriodTables
from shared.domain.periods import month_of, week_of


class ExpiringTables(NamedTuple):
    """All tables by period. Audit events are kept for a year (R-105)."""

    counters: PeriodTables
    strangers: PeriodTables
    audit: PeriodTables
    imports: PeriodTables

    @classmethod
    def of(cls, service: TableServiceClient) -> Self:
        week = timedelta(days=7)
        return cls(
            counters=PeriodTables(service, "Counters", week_of, week),
            strangers=PeriodTables(service, "Strangers", week_of, week),
            audit=PeriodTables(service, "Audit", month_of, timedelta(days=365)),
            imports=PeriodTables(service, "Imports", week_of, week),
        )
