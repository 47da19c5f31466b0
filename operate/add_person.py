"""Creates an account in the embedded directory: `python -m operate.add_person IDENTIFIER [OPTIONS]`.

It uses the store that the environment names: a deployment's (operate/hooks/administrator.py runs it so), or, started
by `./sesame add-person`, the running local stack's.
"""

import argparse
import asyncio
import sys

from operate.passwords import generated_password
from shared.domain.errors import InvalidInput, TryAgain
from shared.domain.roles import Role
from shared.ports.account_register import NameTaken
from shared.usecases.create_account import CreateAccount
from shared.validation.typed_text import cleaned
from shared.wiring import service


def main() -> int:
    """Create the account and print its first password once."""
    parser = argparse.ArgumentParser(prog="add_person", description="Create an account and print its password.")
    parser.add_argument("identifier", help="the name to sign in with")
    parser.add_argument("--role", choices=[*map(str, Role)], action="append", default=[], help="may be repeated")
    parser.add_argument(
        "--without-password", action="store_true", help="the person chooses the first one, with an activation code"
    )
    given = parser.parse_args()
    password = None if given.without_password else generated_password()
    try:
        name = asyncio.run(_create(given.identifier, password, frozenset(given.role)))
    except InvalidInput as fault:
        print(f"This identifier cannot be used: {fault.reason}.", file=sys.stderr)
    except NameTaken:
        print(f"An account named {given.identifier} already exists.", file=sys.stderr)
    except TryAgain:
        print("The store does not respond, or denies access. Try again later.", file=sys.stderr)
    except Exception as fault:  # noqa: BLE001  (az that is not signed in, a setting: a sentence, not a traceback)
        reason = next(iter(str(fault).splitlines()), "").rstrip(".")
        print(f"The account was not created: {type(fault).__name__}, {reason or 'without a reason'}.", file=sys.stderr)
    else:
        secret = f"password  {password}\n\nThe password is shown only this time."
        print(f"account   {name}\n{secret if password else 'It has no password. Issue an activation code for it.'}")
        return 0
    return 1


async def _create(identifier: str, password: str | None, roles: frozenset[str]) -> str:
    serving = service()
    try:
        await serving.use(CreateAccount)(identifier, password, roles=roles)
    finally:
        await serving.adapters.close()
    return cleaned(identifier)


if __name__ == "__main__":
    sys.exit(main())
