"""One file for each directory: how tests reach it. The suite in `test_directory.py` runs on every one of them.

A file is named as the directory in `shared/adapters/directories/`, and has a function `side(request, clock)`, which
yields a `Side`. `memory.py` is the fake.
"""
