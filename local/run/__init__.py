"""`./sesame run`: starts every part of the stack as a child process, restarts it if it ends, and stops all in order.

__main__.py    the command line: ports, keys, settings, one run per folder
stack_run.py   starts the parts in order, reports what is up, stops them in reverse order
child.py       one child process: start, wait, restart, give up after repeated failures
served.py      the directories that `--directory` starts
report.py      `.local/stack.json` and the table for people
"""
