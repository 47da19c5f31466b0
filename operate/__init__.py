"""What an operator runs against a deployment. Shipped with the repository, not with the app.

add_person.py   creates an account in the embedded directory, also the first administrator
passwords.py    generates first passwords
backup/         exports the tables, imports them, and checks the result
hooks/          what `azd` runs: it checks the variables, makes the keys, installs the packages, prints what is left
"""
