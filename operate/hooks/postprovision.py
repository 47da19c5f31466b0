"""After azd has created the resources: makes the keys, waits until the app sees them, prints what is left."""

from operate.hooks import github, keys, next_steps
from operate.hooks.az import Stop, say
from operate.hooks.environment import Environment

OUTPUTS = (
    "AZURE_KEY_VAULT_NAME",
    "AZURE_FUNCTION_APP_NAME",
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_COMMUNICATION_NAME",
    "EMAIL_SERVICE_NAME",
)


def main(given: Environment) -> None:
    """Finish the resources, then print the steps that are left for a person.

    Raises:
        Stop: a key cannot be made, or the app does not see one.
    """
    if given.preview:
        say("A preview: no key is made, and nothing is changed.")
        return
    missing = [name for name in OUTPUTS if not given.get(name)]
    if missing:
        raise Stop(f"{', '.join(missing)} is not set, so nothing is provisioned yet: run azd provision.")
    github.sign_in(given)
    az = given.az()
    new = keys.generate(given, az)
    keys.make_visible(given, az, new=new)
    say(next_steps.text(given, az))
