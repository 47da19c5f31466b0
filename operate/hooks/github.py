"""Signs the Azure CLI in again in a GitHub workflow.

The token of GitHub that the workflow signed in with is valid for minutes, and `az` presents it again for each new kind
of token, such as the key vault's, which it first needs after the resources are made: by then it is too old
(AADSTS700024). Here it asks for a new one, as azd does by itself.
"""

import json
import urllib.request
from urllib.parse import quote

from operate.hooks.az import Failed, Stop, last_words, one_line, run
from operate.hooks.environment import Environment

AUDIENCE = "api://AzureADTokenExchange"


def sign_in(given: Environment) -> None:
    """Sign in again if a workflow runs this with the right to ask for tokens (`id-token: write`).

    Raises:
        Stop: GitHub gives no token, or Azure does not take it.
    """
    address, secret = given.get("ACTIONS_ID_TOKEN_REQUEST_URL"), given.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not (address and secret):
        return
    if not address.startswith("https://"):
        raise Stop("ACTIONS_ID_TOKEN_REQUEST_URL is not an https address, so no token is asked for.")
    question = urllib.request.Request(  # noqa: S310  (checked above)
        f"{address}&audience={quote(AUDIENCE, safe='')}", headers={"Authorization": f"Bearer {secret}"}
    )
    try:
        with urllib.request.urlopen(question, timeout=30) as answer:  # noqa: S310
            token = str(json.load(answer)["value"])
        print(f"::add-mask::{token}", flush=True)
        who = ("--service-principal", "--username", given["AZURE_CLIENT_ID"], "--tenant", given["AZURE_TENANT_ID"])
        done = run("az", "login", *who, "--federated-token", token, "--output", "none", environ=given.values)
        if done.returncode != 0:
            raise Failed(last_words(done))
    except (OSError, ValueError, KeyError, TypeError, Failed) as fault:
        raise Stop(f"The workflow cannot sign in to Azure again: {one_line(str(fault))}.") from fault
