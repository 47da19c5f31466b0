"""VERBS: one use-case per file, its ports as fields. No use-case calls another.

`_conditional` is the one write path to an account's row (D6), `_password` the one way a password is set (rule 11),
`_standing` what a signed-in person sees of the own registration.
"""
