"""What is Active Directory's own, for `active_directory.py`.

options.py    the settings
entries.py    entries as they are read: times, locks, ids, and which password it is
domain.py     what the domain controller offers, and the policies of the domain
answers.py    what the codes in the messages mean
"""
