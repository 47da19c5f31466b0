"""Settings: read once, all faults reported together, unsafe values refused (R-103, R-104)."""

import base64
import json
from pathlib import Path

import pytest

from shared.settings import BadSettings, Settings, settings_from
from tests.fakes.keys import a_key


def encoded(label: str) -> str:
    return base64.b64encode(a_key(label)).decode()


SOUND = {
    "SESAME_STORAGE_CONNECTION": "UseDevelopmentStorage=true",
    "SESAME_INDEX_KEY": encoded("index"),
    "SESAME_CODE_KEYS": f"1:{encoded('old')},2:{encoded('new')}",
    "SESAME_TOKEN_KEYS": f"1:{encoded('token')}",
    "SESAME_SEAL_KEYS": f"1:{encoded('seal')}",
    "SESAME_PEPPERS": f"1:{encoded('pepper')}",
    "SESAME_ACS_ENDPOINT": "http://127.0.0.1:8025",
    "SESAME_ACS_ACCESS_KEY": encoded("acs"),
    "SESAME_EMAIL_SENDER": "DoNotReply@sesame.example",
}
ON_AZURE = {
    **{name: value for name, value in SOUND.items() if "CONNECTION" not in name and "ACCESS" not in name},
    "WEBSITE_SITE_NAME": "func-sesame",
    "SESAME_STORAGE_ACCOUNT": "stsesame",
    "SESAME_ACS_ENDPOINT": "https://sesame.communication.azure.com",
    "SESAME_TRUSTED_HOPS": "1",
    "SESAME_HELPDESK": "+33 1 99 00 12 34",
}


def faults(**changes: str | None) -> list[str]:
    """Return the faults after these changes (None: variable left out)."""
    return faults_of({**SOUND, **changes})


def faults_of(environment: dict[str, str | None]) -> list[str]:
    try:
        settings_from({name: value for name, value in environment.items() if value is not None})
    except BadSettings as bad:
        return bad.faults
    return []


def test_valid_environments_give_settings() -> None:
    """Locally with a connection string and an access key, on Azure with neither."""
    local, azure = settings_from(SOUND), settings_from(ON_AZURE)
    assert (local.on_azure, azure.on_azure) == (False, True)
    assert set(local.code_keys) == {1, 2}
    assert (azure.storage_connection, azure.acs_access_key) == (None, None)
    assert azure.table_service == "https://stsesame.table.core.windows.net"
    assert azure.queue_service == "https://stsesame.queue.core.windows.net"
    assert (local.organisation.name, local.trusted_hops, local.web_origins) == ("Sésame", 0, ())


def test_all_faults_of_the_settings_are_reported_together() -> None:
    """An operator can correct the environment in one go."""
    required = set(SOUND) - {"SESAME_STORAGE_CONNECTION", "SESAME_ACS_ACCESS_KEY"}
    found = faults_of({})
    for name in required:
        assert any(fault.startswith(name) for fault in found), name
    assert any("SESAME_STORAGE_ACCOUNT" in fault for fault in found)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "change-me",
        "A" * 44,
        base64.b64encode(b"a" * 32).decode(),
        base64.b64encode(b"0123456789abcdef" * 2).decode(),
        base64.b64encode(bytes(range(31))).decode(),
        encoded("index") + "AAAA",
        encoded("index")[:-4] + "é===",
    ],
)
@pytest.mark.parametrize(("name", "form"), [("SESAME_INDEX_KEY", "{}"), ("SESAME_CODE_KEYS", "1:{}")])
def test_a_key_that_is_not_random_is_refused_and_not_repeated(name: str, form: str, value: str) -> None:
    """Placeholders, text, equal bytes, a byte too few. The fault does not repeat the value, which may be a real key."""
    found = faults(**{name: form.format(value)})
    assert any(fault.startswith(name) for fault in found)
    assert not value or all(value not in fault for fault in found)


@pytest.mark.parametrize(
    "value", ["", "x", ":", "0:{key}", "-1:{key}", "10000:{key}", "\u0661:{key}", "1:{key},", "1={key}"]
)
def test_keys_without_a_valid_version_are_refused(value: str) -> None:
    """The form is VERSION:BASE64, newest last, with versions from 1 to 9999 in ASCII digits."""
    assert faults(SESAME_SEAL_KEYS=value.format(key=encoded("seal")))


def test_a_version_that_is_given_twice_is_refused() -> None:
    """The second key would replace the first, and nothing made with the first could be read any more."""
    twice = f"7:{encoded('seal')},07:{encoded('token')}"
    assert faults(SESAME_SEAL_KEYS=twice) == ["SESAME_SEAL_KEYS has version 7 twice"]


@pytest.mark.parametrize(
    ("hops", "sound"),
    [("0", True), ("5", True), ("6", False), ("-1", False), ("1.0", False), ("\u0663", False), ("x", False)],
)
def test_trusted_hops_must_be_a_small_ascii_number(hops: str, sound: bool) -> None:
    """Digits of other scripts, which a regular expression for digits would accept, are refused."""
    assert (faults(SESAME_TRUSTED_HOPS=hops) == []) is sound


@pytest.mark.parametrize(("given", "used"), [(None, False), ("false", False), ("true", True)])
def test_proxy_settings_are_used_only_if_the_installation_says_so(given: str | None, used: bool) -> None:
    """Otherwise a variable of the machine could choose the host that sees the requests and their tokens."""
    environment = SOUND | ({} if given is None else {"SESAME_USE_PROXY_SETTINGS": given})
    assert settings_from(environment).use_proxy_settings is used


@pytest.mark.parametrize("value", ["1", "yes", "True", "http://proxy.example"])
def test_the_use_of_proxy_settings_is_true_or_false(value: str) -> None:
    """Any other word could be meant either way."""
    assert faults(SESAME_USE_PROXY_SETTINGS=value) == ["SESAME_USE_PROXY_SETTINGS must be one of: true, false"]


def test_the_address_of_a_storage_service_is_preferred_to_the_name_of_the_account() -> None:
    """A sovereign cloud or a custom domain has other addresses than those that are made from the name."""
    address = "https://stsesame.table.core.usgovcloudapi.net"
    settings = settings_from({**ON_AZURE, "AzureWebJobsStorage__tableServiceUri": f"{address}/"})
    assert (settings.table_service, settings.queue_service) == (address, "https://stsesame.queue.core.windows.net")


@pytest.mark.parametrize(
    "address", ["http://{}", "{}", "https://", "https://{}?sig=a", "https://a:b@{}", "https://[{}"]
)
def test_the_address_of_a_storage_service_is_https_and_holds_no_key(address: str) -> None:
    """A token is sent there, and a shared access signature would be a second way in. The fault repeats nothing."""
    name, given = "AzureWebJobsStorage__queueServiceUri", address.format("st.queue.core.windows.net")
    assert faults_of({**ON_AZURE, name: given}) == [f"{name} must be an https address without user, query and fragment"]


NOT_ORIGINS = ["*", "null", "https://*.example", "https://a.example,*", "https://a.example/path", "a.example", "https://",
               "https://A.example", "https://a.example?b", "https://user@a.example", "https://a b.example"]  # fmt: skip


@pytest.mark.parametrize("origin", NOT_ORIGINS)
def test_a_web_origin_that_is_not_exact_is_refused(origin: str) -> None:
    """A wildcard would let every web page call the API with a person's browser (R-83)."""
    assert faults(SESAME_WEB_ORIGINS=origin)


def test_web_origins_are_stored_without_trailing_slash() -> None:
    """Browsers send origins without it."""
    settings = settings_from({**SOUND, "SESAME_WEB_ORIGINS": " https://a.example/ , http://localhost:5173 ,"})
    assert settings.web_origins == ("https://a.example", "http://localhost:5173")


PASSKEYS = {"SESAME_POLICY": '{"methods": ["email", "passkey"]}'}


@pytest.mark.parametrize(
    ("domain", "origins", "sound"),
    [
        ("localhost", "http://127.0.0.1:5173,http://localhost:5173", True),
        ("reset.example.org", "https://reset.example.org", True),
        ("example.org", "https://a.azurestaticapps.net,https://reset.example.org", True),
        ("", "https://reset.example.org", False),
        ("127.0.0.1", "http://127.0.0.1:5173", False),
        ("Reset.example.org", "https://reset.example.org", False),
        ("https://reset.example.org", "https://reset.example.org", False),
        ("reset.example.org:443", "https://reset.example.org:443", False),
        ("org", "https://reset.example.org", False),
        ("reset.example.org", "https://example.org", False),
        ("ample.org", "https://reset.example.org", False),
        (f"{'a.' * 130}org", "https://reset.example.org", False),
    ],
)
def test_the_domain_of_passkeys_is_one_that_browsers_accept_on_a_page_of_ours(
    domain: str, origins: str, sound: bool
) -> None:
    """It is needed where passkeys are offered, and refused at start-up if none could ever be used (rule 26)."""
    found = faults(**PASSKEYS, SESAME_RP_ID=domain, SESAME_WEB_ORIGINS=origins)
    assert [fault.split()[0] for fault in found] == ([] if sound else ["SESAME_RP_ID"])


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"SESAME_STORAGE_CONNECTION": "UseDevelopmentStorage=true"}, "SESAME_STORAGE_CONNECTION"),
        ({"SESAME_ACS_ACCESS_KEY": "key"}, "SESAME_ACS_ACCESS_KEY"),
        ({"SESAME_TRUSTED_HOPS": "0"}, "SESAME_TRUSTED_HOPS"),
        ({"SESAME_CLIENT_ADDRESS_HEADER": "X-Azure-ClientIP"}, "are set together"),
        ({"SESAME_FRONT_DOOR_ID": "1f2e3d4c-0000-4000-8000-123456789abc"}, "are set together"),
        ({"SESAME_CLIENT_ADDRESS_HEADER": "X-Azure-ClientIP", "SESAME_FRONT_DOOR_ID": "mine"}, "a GUID"),
        (
            {"SESAME_CLIENT_ADDRESS_HEADER": "x: y", "SESAME_FRONT_DOOR_ID": "1f2e3d4c-0000-4000-8000-123456789abc"},
            "name of a header",
        ),
        ({"SESAME_WEB_ORIGINS": "http://a.example"}, "SESAME_WEB_ORIGINS"),
        ({"SESAME_ACS_ENDPOINT": "http://127.0.0.1:8025"}, "SESAME_ACS_ENDPOINT"),
        ({"SESAME_ACS_ENDPOINT": "http://sesame.communication.azure.com"}, "SESAME_ACS_ENDPOINT"),
        ({"SESAME_STORAGE_ACCOUNT": None}, "SESAME_STORAGE_ACCOUNT"),
    ],
)
def test_settings_for_local_use_are_refused_on_azure(change: dict[str, str | None], name: str) -> None:
    """No shared keys, no stand-in, no unread addresses."""
    assert any(name in fault for fault in faults_of({**ON_AZURE, **change}))


def test_a_loopback_endpoint_without_an_access_key_is_refused() -> None:
    """The stand-in checks signatures, so the first message would fail."""
    assert faults(SESAME_ACS_ACCESS_KEY=None)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://sesame.communication.azure.com",
        "http://127.0.0.1.evil.example",
        "http://localhost:1@evil.example",
        "http://localhost.evil.example",
    ],
)
def test_an_endpoint_that_is_not_loopback_needs_https(endpoint: str) -> None:
    """Messages would be sent unencrypted. Addresses that only begin like a loopback address are not loopback."""
    assert faults(SESAME_ACS_ENDPOINT=endpoint)


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        ('{"gates": 3}', "gates: 3 is outside"), ('{"gates": true}', "whole number"),
        ('{"gates": "2"}', "whole number"), ('{"gates": 1.5}', "whole number"),
        ('{"sign_in_has_mfa": 1}', "true or false"), ('{"methods": "email"}', "list of texts"),
        ('{"methods": [1, 2]}', "list of texts"), ('{"gate": 1}', "unknown setting"), ("[]", "JSON object"),
        ("{", "neither"), ("/no/such/file.json", "neither"),
    ],
)  # fmt: skip
def test_a_policy_value_out_of_bounds_is_refused(policy: str, fault: str) -> None:
    """The fault names the setting. The value is never corrected."""
    assert any(fault in found for found in faults(SESAME_POLICY=policy))


@pytest.mark.parametrize("in_a_file", [True, False], ids=["file", "variable"])
def test_a_policy_is_read_from_a_file_or_from_the_variable(in_a_file: bool, tmp_path: Path) -> None:
    """Settings that the policy leaves out have their default."""
    text, path = json.dumps({"gates": 1, "countries": ["FR"]}), tmp_path / "policy.json"
    path.write_text(text, "utf-8")
    policy = settings_from({**SOUND, "SESAME_POLICY": str(path) if in_a_file else text}).policy
    assert (policy.gates, policy.countries, policy.code_digits) == (1, ("FR",), 8)


ONLY_TEXTS = {"methods": ["mobile_phone"], "gates": 1}


@pytest.mark.parametrize("declared", [None, "", " None "])
@pytest.mark.parametrize(
    ("policy", "methods"),
    [({}, ("email", "authenticator_app")), (ONLY_TEXTS, ()), ({"countries": ["JP"]}, None)],
)
def test_without_a_sender_the_service_starts_and_offers_no_phone(
    declared: str | None, policy: dict[str, object], methods: tuple[str, ...] | None
) -> None:
    """A number is often bought after the first deployment. Countries are not judged then."""
    given = {**SOUND, "SESAME_POLICY": json.dumps(policy)}
    settings = settings_from(given if declared is None else {**given, "SESAME_SMS_SENDERS": declared})
    assert settings.senders == ()
    assert settings.policy.methods == (methods if methods is not None else ("email", "authenticator_app"))


@pytest.mark.parametrize(
    ("declared", "countries", "refused"),
    [
        ("+18005550199", None, ()),
        ("+18005550199", ["US", "CA"], ()),
        ("Contoso", ["FR", "DE"], ()),
        (
            "Contoso",
            ["FR", "US"],
            ("US: Contoso is an alphanumeric sender, and alphanumeric senders cannot send to",),
        ),
        ("Contoso", ["GB", "JP"], ("GB: Contoso must be registered in GB", "JP: Contoso is an alphanumeric sender")),
        ("+18005550199, Contoso:GB", ["US", "GB", "FR"], ("FR: +18005550199 is a toll-free number",)),
    ],
)
def test_a_country_that_no_sender_reaches_is_refused_with_the_reason(
    declared: str, countries: list[str] | None, refused: tuple[str, ...]
) -> None:
    """Each country by its name. A policy that names none allows those that the senders reach."""
    given = {
        "SESAME_SMS_SENDERS": declared,
        "SESAME_POLICY": json.dumps({"countries": countries} if countries else {}),
    }
    found = faults(**given)
    assert len(found) == len(refused)
    for fault, why in zip(found, refused, strict=True):
        assert f"SESAME_POLICY: countries: no sender reaches {why}" in fault
    if countries is None:
        policy = settings_from(SOUND | given).policy
        assert (policy.countries, policy.home_country) == (("CA", "PR", "US"), "")


@pytest.mark.parametrize(
    ("policy", "home"),
    [
        ({}, "FR"),
        ({"countries": ["FR", "DE"]}, "FR"),
        ({"countries": ["DE", "AT"]}, ""),
        ({"countries": ["DE"], "home_country": "DE"}, "DE"),
        ({"home_country": "PL"}, "PL"),
        ({"countries": ["DE"], "home_country": "FR"}, None),
        ({"home_country": "US"}, None),
    ],
)
def test_the_default_home_country_is_that_of_a_policy_that_has_it(policy: dict[str, object], home: str | None) -> None:
    """Only one that the operator wrote can be refused. Without one, a number needs its plus."""
    given = SOUND | {"SESAME_SMS_SENDERS": "Contoso", "SESAME_POLICY": json.dumps(policy)}
    found = faults_of(given)
    assert len(found) == (home is None)
    if home is not None:
        assert settings_from(given).policy.home_country == home


@pytest.mark.parametrize(
    "secret",
    ["UseDevelopmentStorage", SOUND["SESAME_ACS_ACCESS_KEY"], repr(a_key("index"))],
    ids=["connection string", "access key", "index key"],
)
def test_the_text_form_of_settings_contains_no_secret(secret: str) -> None:
    """A printed or logged settings object must not reveal keys."""
    settings = settings_from(SOUND)
    assert isinstance(settings, Settings)
    assert secret not in repr(settings)


LDAP = {
    "SESAME_DIRECTORY": "openldap",
    "SESAME_DIRECTORY_SERVERS": "ldaps://a.example.org, ldap://b.example.org:1389",
    "SESAME_DIRECTORY_BASE_DN": "ou=people,dc=example,dc=org",
    "SESAME_DIRECTORY_BIND_DN": "cn=sesame,dc=example,dc=org",
    "SESAME_DIRECTORY_BIND_PASSWORD": "something",
    "SESAME_DIRECTORY_DECOY_DN": "uid=decoy,dc=example,dc=org",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("SERVERS", text)
            for text in ("http://a", "a.example.org", "ldaps://", "ldaps://u@a", "ldaps://a/dc=x", ",")
        ),
        ("SERVERS", "ldaps://a:x"),
        ("SERVERS", ",".join(["ldaps://a"] * 6)),
        ("KIND", "novell"),
        ("NAMES", "uid)(x"),
        ("PEOPLE_FILTER", "objectClass=person"),
        ("PEOPLE_FILTER", "((objectClass=person)"),
        ("LOCKOUT", "0/900"),
        ("AUTHORITY", "not a certificate"),
        ("EMAIL_ATTRIBUTE", "mail,x"),
        ("MAIL_DOMAINS", "example.org, *.example.org"),
        ("MAIL_DOMAINS", "bücher.example"),
    ],
)
def test_unsafe_settings_of_a_directory_server_are_refused_at_the_start(name: str, value: str) -> None:
    """With the name of the setting and without its value. The same settings without it are accepted."""
    assert settings_from({**SOUND, **LDAP, f"SESAME_DIRECTORY_{name}": LDAP.get(f"SESAME_DIRECTORY_{name}", "")})
    with pytest.raises(BadSettings) as refused:
        settings_from({**SOUND, **LDAP, f"SESAME_DIRECTORY_{name}": value})
    assert len(refused.value.faults) == 1
    assert f"SESAME_DIRECTORY_{name}" in refused.value.faults[0]
    assert f"{value} " not in f"{refused.value.faults[0]} "


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (
            {"SESAME_DIRECTORY": "nowhere"},
            "SESAME_DIRECTORY must be one of: embedded, openldap, active_directory, entra",
        ),
        ({"SESAME_DIRECTORY_URL": "https://x"}, "SESAME_DIRECTORY_URL is not a setting of this directory"),
    ],
    ids=["unknown directory", "setting that nobody reads"],
)
def test_settings_that_the_directory_does_not_know_are_refused(given: dict[str, str], fault: str) -> None:
    """A typing error must not leave a directory with its default."""
    with pytest.raises(BadSettings) as refused:
        settings_from({**SOUND, **given})
    assert refused.value.faults == [fault]
