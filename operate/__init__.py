"""What an operator runs against a deployment. Shipped with the repository, not with the app.

add_person.py   creates an account in the embedded directory, also the first administrator
passwords.py    generates first passwords
hooks/          the scripts that `azd` runs: they generate the keys, print the manual steps, configure the web app
"""
