"""One suite for every registered method of a family, and tests of single methods.

`test_families.py` tests each method of a family. `about_<name of the method>.py` has what differs between methods, such
as a valid contact or how to make a right answer:

    a sent code      TAKEN     accepted texts, and the contact that each becomes
                     REFUSED   refused texts, by what is wrong with them
    a kept secret    SHOWN     the fields that the page shows once, while the method is set up
                     SPENT_FOR how long to wait until the next answer can be right
                     answer()  the right answer, from what was shown
                     wrong()   a well-formed answer that is wrong
                     CHOSEN    whether the person chooses the secret, so that no first answer is wrong
    either           DIGITS    how many digits an answer has, if it is made of digits
"""
