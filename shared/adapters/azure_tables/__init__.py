"""Adapters for Azure Table Storage, using the Azure SDK.

The deployment creates five tables: Names, People, Accounts, Due and OptOuts. The service creates tables by period for
what expires: Counters, Strangers and Imports by week, Audit by month (`_periods.py`).
"""

NAMES, PEOPLE, ACCOUNTS, DUE, OPT_OUTS = "Names", "People", "Accounts", "Due", "OptOuts"
ALL_TABLES = (NAMES, PEOPLE, ACCOUNTS, DUE, OPT_OUTS)
