"""What `./sesame` does before `.venv` exists. Uses the standard library only.

verbs.py          the commands and what each needs
python_env.py     `.venv` from the lock file
javascript.py     Node, Azurite and the web app
node.py           which Node to use
browser.py        the browser for the browser tests
debian.py         servers that are Debian's packages
slapd.py          the OpenLDAP server
samba.py          the Samba domain controller
stored_data.py    `clean-data`
locks.py          `lock`
stamps.py         which steps are up to date
progress.py       progress output of long steps
"""
