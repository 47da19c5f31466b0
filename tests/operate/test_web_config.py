"""The step that configures the built web app for its deployment."""

import html
import json
import re
from pathlib import Path

import pytest

from operate.hooks.web_config import NAME
from tests.operate.desk import AZD, OUTPUTS, Desk, checkout_in, desk_in, ended_in_a_sentence


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = desk_in(tmp_path)
    desk.project = checkout_in(tmp_path / "checkout")
    return desk


@pytest.mark.parametrize(
    "address",
    ["", "http://a.example.org", "https://a/b", 'https://a" }', "https://", "https://a; script-src *", "https://a..b"],
)
def test_an_address_that_is_no_https_origin_is_refused_and_nothing_of_before_stays(desk: Desk, address: str) -> None:
    """The address must not inject anything into JSON or the policy, and an old one must not be uploaded."""
    dist = desk.project / "web" / "dist"
    for name in (NAME, "config.json"):
        (dist / name).write_text("old", "utf-8")

    assert "API_BASE_URL" in ended_in_a_sentence(desk.hook("predeploy", "web", API_BASE_URL=address))
    assert [path.name for path in dist.iterdir()] == ["index.html"]


def test_the_address_of_the_service_is_written_into_the_built_web_app(desk: Desk) -> None:
    """config.json and the content security policy name the same origin, whatever was there before."""
    web = desk.project / "web"
    sound = (web / "site-config.json").read_text("utf-8")
    (web / "dist" / NAME).write_text("old", "utf-8")

    done = desk.hook("predeploy", "web", **OUTPUTS)

    assert (done.returncode, done.stderr) == (0, "")
    api = OUTPUTS["API_BASE_URL"]
    assert json.loads((web / "dist" / "config.json").read_text("utf-8")) == {"api": api}
    written = (web / "dist" / NAME).read_text("utf-8")
    assert f"connect-src 'self' {api};" in json.loads(written)["globalHeaders"]["Content-Security-Policy"]
    assert written.replace(f" {api}", "") == sound == (web / "site-config.json").read_text("utf-8")


@pytest.mark.parametrize("place", ["", "public", "dist/old"])
def test_a_second_file_of_that_name_is_refused(desk: Desk, place: str) -> None:
    """The tool that uploads takes the last that it comes to below the project, and made the source win."""
    folder = desk.project / "web" / place
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text("{}", "utf-8")

    assert f"{NAME} would be uploaded" in ended_in_a_sentence(desk.hook("predeploy", "web", **OUTPUTS))


def test_an_app_that_is_not_built_is_not_uploaded(desk: Desk) -> None:
    """Otherwise an empty site would replace the deployed one."""
    (desk.project / "web" / "dist" / "index.html").unlink()

    assert "not built" in ended_in_a_sentence(desk.hook("predeploy", "web", **OUTPUTS))


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{}</svg>'
NAMES = ("TENANT", "API", "PAGE")
BRAND = {
    "name": "Example & Sons",
    "logo": "own.svg",
    "security_contact": "mailto:security@example.org",
    "colours": {"accent": "#0b57d0", "accent_dark": "#a8c7fa", "panel": "#1f1f1f"},
}


def test_the_organisation_is_in_the_first_bytes_of_the_page_however_often_it_is_written(desk: Desk) -> None:
    """Name, helpdesk, logo and colours need no request of the page's own, so no other brand is shown first."""
    (desk.project / "infra" / "organisation.json").write_text(json.dumps(BRAND), "utf-8")
    (desk.project / "infra" / "own.svg").write_text(SVG.format("<path d='M0 0'/>"), "utf-8")
    for _ in range(2):
        done = desk.hook("predeploy", "web", **OUTPUTS)
        assert (done.returncode, done.stderr) == (0, "")
    dist = desk.project / "web" / "dist"
    page = (dist / "index.html").read_text("utf-8")
    assert "<title>Example &amp; Sons</title>" in page
    told = json.loads(html.unescape(re.findall(r'name="organisation" content="([^"]*)"', page)[0]))
    assert told == {"name": "Example & Sons", "helpdesk": AZD["HELPDESK"], "logo": "/logo.svg"}
    assert page.count("/brand.css") == 1
    assert "--leaf:#0b57d0" in (dist / "brand.css").read_text("utf-8")
    told_where = (dist / ".well-known" / "security.txt").read_text("utf-8")
    assert told_where.startswith("Contact: mailto:security@example.org\n")
    assert "path" in (dist / "logo.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("own.svg", SVG.format("<script>alert(1)</script>").encode(), "has the element script"),
        ("own.svg", SVG.format("<g onclick='x()'/>").encode(), "has the attribute onclick"),
        ("own.svg", SVG.format("<use href='https://evil.example/x.svg#a'/>").encode(), "has the attribute href"),
        ("own.svg", SVG.format("<g style='fill:url(https://evil.example)'/>").encode(), "has the attribute style"),
        ("own.svg", b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG.format("&a;").encode(), "has a document type"),
        ("own.svg", b"<html/>", "is not an SVG image"),
        ("own.svg", SVG.format("<path d='" + "M0 0" * 9000 + "'/>").encode(), "has more than 32 kB"),
        ("own.png", b"GIF89a", "is not a PNG image"),
        ("none.png", None, "cannot be read"),
    ],
)
def test_a_logo_that_is_no_plain_picture_is_refused_before_anything_is_deployed(
    desk: Desk, name: str, content: bytes | None, fault: str
) -> None:
    """It is on the origin of the pages: somebody who opens the file itself would run what is in it."""
    (desk.project / "infra" / "organisation.json").write_text(json.dumps(BRAND | {"logo": name}), "utf-8")
    if content is not None:
        (desk.project / "infra" / name).write_bytes(content)
    for hook in (desk.hook("preprovision"), desk.hook("predeploy", "web", **OUTPUTS)):
        assert ended_in_a_sentence(hook).startswith(f"infra/organisation.json: logo: {name} {fault}")


def test_the_sign_in_at_microsoft_is_in_the_page_and_in_its_policy_only_where_it_is_set(desk: Desk) -> None:
    """The page learns whom to ask, and may connect there. A deployment without it takes out what was there before."""
    dist = desk.project / "web" / "dist"
    ids = {f"ENTRA_{name}": f"{n}{n * 7}-0000-4000-8000-000000000000" for n, name in zip("abc", NAMES, strict=True)}
    told = {}
    for given in (ids, {}):
        done = desk.hook("predeploy", "web", **OUTPUTS, **given)
        assert (done.returncode, done.stderr) == (0, "")
        page, policy = ((dist / name).read_text("utf-8") for name in ("index.html", NAME))
        told = json.loads(html.unescape(re.findall(r'name="microsoft" content="([^"]*)"', page)[0]))
        assert bool(told) == ("login.microsoftonline.com" in policy) == bool(given)
        assert not given or told == {
            "authority": f"https://login.microsoftonline.com/{ids['ENTRA_TENANT']}",
            "client": ids["ENTRA_PAGE"],
            "scope": f"api://{ids['ENTRA_API']}/access_as_user",
        }
    assert "ENTRA_PAGE is missing" in ended_in_a_sentence(desk.hook("predeploy", "web", **OUTPUTS, ENTRA_API="x"))
