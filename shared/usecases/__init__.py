"""Define the use-cases: one per file, each a dataclass whose fields are its ports. No use-case calls another.

Files whose name begins with an underscore are used by several use-cases:

    _asking             checks what a request asks for, by the family of the method
    _audit_pages        reads the audit log a page at a time, for a search and for a timeline
    _change_proof       checks that a change of methods was proved (rule 20)
    _counting           keeps the coverage in step with the rows of people
    _due                keeps the Due index and the row in step (D10)
    _judging            decides whether an answer is right, by the family of its method (rule 3)
    _limits             counts against limits
    _name_binding       binds names to accounts (rule 8)
    _naming             names the accounts of audit events
    _outgoing           renders messages and sends them
    _own_registration   makes what signed-in people see of their own registration
    _password           sets a password (rule 11)
    _password_rules     checks a password with the lists of this installation
    _recording          records audit events, and counts those about whom they are
    _rows               changes the row of an account (D6)
    _sealing            seals and opens contacts and secrets
"""
