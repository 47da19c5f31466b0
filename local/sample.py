"""`python -m local.sample --port 5174 --api http://127.0.0.1:7071`: the sample sign-in page as a part of the stack."""

import sys

from local.tether import FLAG, tether
from samples import sign_in_page

if __name__ == "__main__":
    if FLAG in sys.argv:
        sys.argv.remove(FLAG)
        tether()
    sign_in_page.main()
