"""`python -m operate.hooks STEP`: each step ends with exit code 0, or with one sentence and exit code 1."""

import io
import sys
from collections.abc import Callable

from operate.hooks import (
    administrator,
    backup,
    give_up_keys,
    keys,
    mail_domain,
    package,
    postprovision,
    preprovision,
    ready,
    sign_in_apps,
    web_config,
)
from operate.hooks.az import Failed, Stop, json_in, last_words, one_line, run, surroundings, warn
from operate.hooks.environment import Environment

STEPS: dict[str, Callable[..., None]] = {
    "preprovision": preprovision.main,
    "postprovision": postprovision.main,
    "web_config": web_config.main,
    "package": package.main,
    "ready": ready.main,
    "administrator": administrator.main,
    "helpdesk": administrator.helpdesk,
    "auditor": administrator.auditor,
    "add_person": administrator.add_person,
    "export_tables": backup.export,
    "import_tables": backup.import_into_empty,
    "add_tables": backup.add,
    "check_tables": backup.check,
    "verify_domain": mail_domain.verify,
    "register_sign_in": sign_in_apps.register,
    "check_sign_in": sign_in_apps.check,
    "give_up_keys": give_up_keys.main,
    "refresh_keys": keys.refresh,
}
PEOPLE = ("administrator", "helpdesk", "auditor", "add_person")
BACKUP = ("export_tables", "import_tables", "add_tables", "check_tables")
BY_HAND = {*PEOPLE, *BACKUP, "verify_domain", "register_sign_in", "check_sign_in", "give_up_keys", "refresh_keys"}
"""The steps that a person runs: azd passes them no variables, so they ask azd for those of the chosen environment."""
ARGUMENTS = {
    **dict.fromkeys(PEOPLE, ("NAME [PUBLIC_IPV4_ADDRESS]", {1, 2})),
    **dict.fromkeys(BACKUP, ("FOLDER [PUBLIC_IPV4_ADDRESS]", {1, 2})),
}


def main(arguments: list[str]) -> int:
    """Run the step that the command line names."""
    for stream in (sys.stdout, sys.stderr):  # a console of Windows may not have every character
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    step, *rest = arguments or [""]
    usage, numbers = ARGUMENTS.get(step, ("", {0}))
    if step not in STEPS or len(rest) not in numbers:
        known = f"{step} {usage}".strip() if step in STEPS else f"one of {', '.join(STEPS)}"
        warn(f"Expected: {known}.")
        return 2
    try:
        given = surroundings()
        if step in BY_HAND:
            given |= _variables_of_azd(given)
        STEPS[step](Environment(given), *rest)
    except Stop as reason:
        warn(str(reason))
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as fault:  # noqa: BLE001  (an answer that nobody expected: a sentence, not a traceback)
        warn(f"The step {step} cannot go on: {type(fault).__name__}, {one_line(str(fault)) or 'without a reason'}.")
        return 1
    return 0


def _variables_of_azd(given: dict[str, str]) -> dict[str, str]:
    try:
        done = run("azd", "env", "get-values", "--output", "json", environ=given)
        values = json_in(done.stdout) if done.returncode == 0 else None
        if not isinstance(values, dict):
            raise Failed(last_words(done) if done.returncode else "it printed no variables")
        return {str(name): str(value) for name, value in values.items()}
    except Failed as fault:
        raise Stop(f"azd does not name its environment ({fault}): choose it with azd env select.") from fault


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
