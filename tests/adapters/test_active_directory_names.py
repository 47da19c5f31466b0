"""Active Directory on a real domain controller of Samba: whom a name leads to, and what of it reaches the server."""

import pytest

from local.samba.domain import SERVICES
from shared.adapters.directories.ldap.active_directory import ActiveDirectory
from shared.adapters.directories.ldap.link import Link
from shared.domain.account import ObjectId
from shared.ports.directory import AccountChanged, PasswordNotTaken
from tests.adapters.test_openldap import HOSTILE, PASSWORDS
from tests.samba import DomainHand, ada, found
from tests.slapd import binds, written

pytestmark = pytest.mark.integration

FIRST, SECOND, THIRD = "lantern orbit cobalt thicket", "velvet harbour mosaic tundra", "copper meadow signal walnut"


@pytest.fixture
def directory(in_domain: ActiveDirectory) -> ActiveDirectory:
    return in_domain


@pytest.fixture
def hand(domain_hand: DomainHand) -> DomainHand:
    return domain_hand


async def test_an_account_has_three_names_and_a_name_of_two_is_nobodys(
    directory: ActiveDirectory, hand: DomainHand
) -> None:
    """Its account name, its principal name, and the first behind the domain's. One may look like another's (rule 8)."""
    entry = await ada(directory, hand, userPrincipalName="bob@example.org")
    hand.add("bob", FIRST, userPrincipalName="robert@example.org")
    assert entry.names == ("ada", "bob@example.org", "example\\ada")
    for name, whose in {
        "ADA": "ada", "Example\\Ada": "ada", "Bob@Example.org": "ada", "bob": "bob", "EXAMPLE\\bob": "bob",
        "robert@example.org": "bob",
    }.items():  # fmt: skip
        assert (await found(directory, name)).names[0] == whose
        signed_in = await directory.authenticate(name, FIRST)
        assert signed_in is not None
        assert signed_in.names[0] == whose
    for name in ("other\\ada", "\\ada", "example\\", "example\\bob@example.org", "example\\example\\ada"):
        assert await directory.resolve(name) is None
    hand.put("bob", userPrincipalName="example\\ada")
    assert await directory.resolve("EXAMPLE\\ada") is None
    assert await directory.authenticate("EXAMPLE\\ada", FIRST) is None
    assert (await found(directory)).names == ("ada", "bob@example.org")


async def test_what_is_no_person_has_no_name_here(directory: ActiveDirectory, hand: DomainHand) -> None:
    """Computers are users of the directory too."""
    entry = {"sAMAccountName": "printer", "userAccountControl": "4096"}
    hand.connection.add(hand.dn_of("printer"), ["computer"], entry)
    assert await directory.resolve("printer") is None


async def test_no_character_of_a_name_is_part_of_a_filter_and_an_unknown_name_costs_the_same(
    directory: ActiveDirectory, hand: DomainHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such names lead to nobody (R-96), by the same requests as a known one (A-02)."""
    await ada(directory, hand)
    made: list[str] = []

    def counted(kind: str) -> None:
        real = getattr(Link, kind)
        monkeypatch.setattr(Link, kind, lambda *given, **more: made.append(kind) or real(*given, **more))

    counted("search")
    counted("bind")
    costs = set()
    known_names = ["ada", "example\\ada"]
    for name in (*known_names, *HOSTILE, "example\\*", "example\\ada)(objectClass=*", "*\\ada", "\\"):
        made.clear()
        known = name in known_names
        assert (await directory.resolve(name) is not None) == known, name
        assert await directory.authenticate(name, "wrong" if known else FIRST) is None
        costs.add(tuple(made))
    assert len(costs) == 1


async def test_an_entry_is_followed_by_its_id_and_not_by_its_name(directory: ActiveDirectory, hand: DomainHand) -> None:
    """Renamed, it is the same account. Out of the people's subtree, or made again by the same name, it is not."""
    entry = await ada(directory, hand)
    hand.put("ada", sAMAccountName="augusta", userPrincipalName="augusta@example.org")
    hand.connection.modify_dn(hand.dn_of("ada"), "CN=augusta")
    renamed = await directory.find(entry.object_id)
    assert renamed is not None
    assert renamed.names == ("augusta", "augusta@example.org", "example\\augusta")
    await directory.set_password(entry, SECOND)
    assert binds(directory, SECOND, "augusta") == 0
    hand.connection.modify_dn(hand.dn_of("augusta"), "CN=augusta", new_superior=SERVICES)
    assert await directory.find(entry.object_id) is None
    hand.connection.delete(f"CN=augusta,{SERVICES}")
    again = await ada(directory, hand)
    assert again.object_id != entry.object_id
    with pytest.raises(AccountChanged):
        await directory.set_password(entry, THIRD)
    for stale in ("", "none", "not-a-guid", str(again.object_id)[:-1]):
        assert await directory.find(ObjectId(stale)) is None
    assert binds(directory, FIRST) == 0


@pytest.mark.parametrize("by", ["reset", "change"])
async def test_a_password_reaches_the_server_as_it_was_typed(
    directory: ActiveDirectory, hand: DomainHand, by: str
) -> None:
    """No letter is changed, composed or cut (R-44). An empty one is never sent: the server would let it in.

    The server takes one with the character 0, and lets nobody in with it.
    """
    await ada(directory, hand)
    current = FIRST
    for password in PASSWORDS:
        await written(directory, by, await found(directory), password, current=current)
        assert binds(directory, password) == 0
        assert await directory.authenticate("ada", password)
        current = password
    assert await directory.authenticate("ada", "") is None
    with pytest.raises(PasswordNotTaken):
        await written(directory, by, await found(directory), f"{FIRST}\0{SECOND}", current=current)
    assert binds(directory, current) == 0
