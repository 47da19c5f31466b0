"""Takes the right to read and write keys away from the signed-in person: `run.sh give_up_keys`."""

from operate.hooks.az import Failed, Stop, listed, say
from operate.hooks.environment import Environment

OFFICER = "Key Vault Secrets Officer"


def main(given: Environment) -> None:
    """Remove the role assignment that infra/app/roles.bicep makes for the deployer.

    Raises:
        Stop: Azure refuses, or there is none.
    """
    az = given.az()
    vault = given["AZURE_KEY_VAULT_NAME"]
    place = f"/subscriptions/{az.subscription}/resourceGroups/{given.group}/providers/Microsoft.KeyVault/vaults/{vault}"
    try:
        person = az.principal()
        listing = ("role", "assignment", "list", "--scope", place, "--role", OFFICER, "--fill-principal-name", "false")
        own = [one for one in listed(az.json(*listing)) if one.get("principalId") == person]
        for one in own:
            az.json("role", "assignment", "delete", "--ids", str(one["id"]))
    except Failed as refusal:
        raise Stop(f"The right was not removed ({refusal}): repeat the command.") from refusal
    if not own:
        raise Stop(f"The person who is signed in to az does not have the role {OFFICER} on {vault} itself.")
    say(f"You no longer have the role {OFFICER} on {vault}.")
