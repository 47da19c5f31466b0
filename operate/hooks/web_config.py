"""Writes the organisation, the sign-in and the address of the service into the built web app.

The address is in config.json and in the content security policy.

The source of the site's configuration has another name (web/site-config.json): of all files below the project that are
called staticwebapp.config.json, the tool that uploads the site takes the last that it comes to (findSWAConfigFile in
Azure/static-web-apps-cli), so only the built one may have that name.
"""

import json
import re
from pathlib import Path

from operate.hooks.az import Stop, say
from operate.hooks.environment import ROOT, Environment
from operate.microsoft_page import with_sign_in
from operate.organisation_page import Unusable, files, organisation_of, page
from shared.adapters.system import SystemClock
from shared.domain.entra_apps import EntraApps
from shared.validation.entra_apps import ALL, entra_apps

SOURCE, NAME = "site-config.json", "staticwebapp.config.json"
ORGANISATION = "infra/organisation.json"
OURS = "SESAME_"
"""Of a setting of the service. The variable of azd has the same name without it."""
SELF = "connect-src 'self'"
ORIGIN = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
"""A plain HTTPS origin. The address goes into JSON and into a policy, and must not inject anything into either."""


def main(given: Environment, web: Path = ROOT / "web") -> None:
    """Write the two files into dist/, in place of what an earlier build or deployment left there.

    Raises:
        Stop: the address is not known or not an origin, or the app is not built.
    """
    for name in (NAME, "config.json"):
        (web / "dist" / name).unlink(missing_ok=True)
    others = [path for path in web.glob(f"*/**/{NAME}") if "node_modules" not in path.parts]
    if (web / NAME).exists() or others:
        found = web / NAME if (web / NAME).exists() else others[0]
        raise Stop(f"{found.relative_to(web.parent)} would be uploaded instead of the built {NAME}: remove it.")
    api = given.get("API_BASE_URL")
    if not api:
        raise Stop("API_BASE_URL is not set, because nothing is provisioned yet: run azd provision, then azd deploy.")
    if not ORIGIN.fullmatch(api):
        raise Stop(f"API_BASE_URL is {api!r}, which is not an HTTPS origin, such as https://func-name.example.org.")
    if not (web / "dist" / "index.html").exists():
        raise Stop("The web app is not built: web/dist/index.html is missing. azd deploy builds it, with npm.")
    policy = (web / SOURCE).read_text("utf-8")
    if policy.count(SELF) != 1:
        raise Stop(f"web/{SOURCE} does not have {SELF} exactly once: put it into the content security policy.")
    try:
        setting = (ROOT / ORGANISATION).read_text("utf-8")
        organisation, logo = organisation_of(setting, given.get("HELPDESK"), (ROOT / ORGANISATION).parent)
        index = web / "dist" / "index.html"
        microsoft = sign_in(given)
        index.write_text(with_sign_in(page(index.read_text("utf-8"), organisation), microsoft), "utf-8")
    except Unusable as fault:
        raise Stop(f"{ORGANISATION}: {fault}.") from fault
    for name, content in files(organisation, logo, SystemClock().now()).items():
        (web / "dist" / name).parent.mkdir(exist_ok=True)
        (web / "dist" / name).write_bytes(content)
    (web / "dist" / "config.json").write_text(json.dumps({"api": api}) + "\n", "utf-8")
    origins = f"{api} {microsoft.authority}" if microsoft else api
    (web / "dist" / NAME).write_text(policy.replace(SELF, f"{SELF} {origins}"), "utf-8")
    say(f"The web app calls {api}.")


def sign_in(given: Environment) -> EntraApps | None:
    """Return the registrations with which people sign in at Microsoft, or None.

    Raises:
        Stop: one is missing, or is no id.
    """
    apps, faults = entra_apps({name: given.get(name.removeprefix(OURS)) for name in ALL}, on_azure=True)
    if faults:
        raise Stop(f"{'; '.join(faults).replace(OURS, '')}: azd env set NAME VALUE.")
    return apps
