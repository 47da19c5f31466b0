"""Adapters for Azure Table Storage, using the Azure SDK.

The deployment creates four tables: Names, People, Accounts and Due. The service creates tables by period for what
expires: Counters and Strangers by week, Audit by month (`_periods.py`).
"""

NAMES, PEOPLE, ACCOUNTS, DUE = "Names", "People", "Accounts", "Due"
ALL_TABLES = (NAMES, PEOPLE, ACCOUNTS, DUE)
