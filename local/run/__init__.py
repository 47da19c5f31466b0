"""`./sesame run`: every part of the stack as a child process, kept alive, and stopped in order.

__main__.py    the command line: ports, keys, settings, one run for each folder
stack_run.py   starts the parts in order, tells what is up, stops them in reverse
child.py       one child: started, waited for, restarted when it dies, given up in a crash loop
report.py      `.local/stack.json` and the table that a person reads
"""
