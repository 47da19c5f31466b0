"""What `./sesame` does before there is a `.venv`: the standard library only.

verbs.py          the verbs and what each needs
python_env.py     `.venv` from the lock file
javascript.py     Node, Azurite and the SPA
node.py           which Node
browser.py        the browser that the tests drive
stored_data.py    `clean-data`
locks.py          `lock`
stamps.py         what is up to date and need not be done again
progress.py       long steps, told while they run
"""
