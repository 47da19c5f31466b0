"""The step that configures the built web app for its deployment."""

import json
from pathlib import Path

import pytest

from operate.hooks.web_config import NAME
from tests.operate.desk import OUTPUTS, Desk, checkout_in, desk_in, ended_in_a_sentence


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
