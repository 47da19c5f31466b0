"""Exports the tables of a deployment to a folder, imports them, and checks the result. docs/restore.md tells how.

entities.py    one row as a line of JSON, with its types
folder.py      the files of an export, its manifest, and what was imported where
tables.py      which tables are exported, in which order
export.py      writes the files
judge.py       reads each row as the service does, with the keys that are configured
restored.py    what a row is after a restore: sessions and everything under way have ended
restore.py     inserts the rows
compare.py     compares the store with the files
since.py       what happened after the export, from the audit log
"""
