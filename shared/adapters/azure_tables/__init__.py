"""Adapters for Azure Table Storage, using the Azure SDK.

The deployment creates six tables: Names, People, Accounts, Due, OptOuts and Coverage. The service creates tables by
period for what expires: Counters, Strangers and Imports by week, Audit by month (`_periods.py`).
"""

NAMES, PEOPLE, ACCOUNTS, DUE = "Names", "People", "Accounts", "Due"
OPT_OUTS, COVERAGE = "OptOuts", "Coverage"
ALL_TABLES = (NAMES, PEOPLE, ACCOUNTS, DUE, OPT_OUTS, COVERAGE)
