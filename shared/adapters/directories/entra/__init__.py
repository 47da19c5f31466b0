"""Microsoft Entra ID, over Microsoft Graph.

options.py       the settings, and what is refused in them
graph.py         requests, with deadlines; what was certainly not carried out is told apart from what is in doubt
users.py         users as Graph tells them, as entries
directory.py     the directory itself

It was written from Microsoft's pages and from public reports, and runs against the stand-in in `local/entra/`. It has
not been run against a tenant.
"""
