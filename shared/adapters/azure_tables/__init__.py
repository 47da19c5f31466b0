"""Adapters for Azure Table Storage, using the Azure SDK. Six tables: Names, People, Accounts, Counters, Due, Audit."""

NAMES, PEOPLE, ACCOUNTS, COUNTERS, DUE, AUDIT = "Names", "People", "Accounts", "Counters", "Due", "Audit"
ALL_TABLES = (NAMES, PEOPLE, ACCOUNTS, COUNTERS, DUE, AUDIT)
