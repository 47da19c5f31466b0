"""Rule 8: a name leads to the account that the directory gives now; it is bound at sign-in and at prefill."""

from dataclasses import replace

import pytest

from shared.domain.errors import InvalidInput, SignInRequired
from shared.usecases.create_account import CreateAccount
from tests.builders import PASSWORD, World, a_world


async def moved_name(world: World) -> None:
    """In the directory `ada` belongs to another account now, while Names still has the old one."""
    await world.ada()
    await world.account("augusta")
    accounts = world.directory.accounts
    old, new = (next(i for i, (a, _) in accounts.items() if name in a.names) for name in ("ada", "augusta"))
    accounts[old] = (replace(accounts[old][0], names=("ada.old",)), "none of your business")
    accounts[new] = (replace(accounts[new][0], names=("augusta", "ada")), PASSWORD)


async def test_a_sign_in_binds_every_name_of_the_account() -> None:
    """Names that were not typed are bound too."""
    world = a_world()
    await moved_name(world)
    old = world.key_of("ada")
    await world.sign_in("augusta")
    assert world.key_of("ada") == world.key_of("augusta") != old


async def test_a_failed_sign_in_binds_nothing() -> None:
    """Knowing a name is not enough to move it to another account."""
    world = a_world()
    await moved_name(world)
    before = dict(world.adapters.names.accounts)
    for name in ("ada", "augusta", "ada.old"):
        with pytest.raises(SignInRequired):
            await world.sign_in(name, "a wrong password, quite long")
    assert world.adapters.names.accounts == before


async def test_a_prefill_binds_the_names_and_a_dry_run_does_not() -> None:
    """The directory resolves the name in the administrator's row at that moment."""
    world = a_world()
    await moved_name(world)
    await world.account("avery", roles=frozenset({"administrator"}))
    session = await world.sign_in("avery")
    old = world.key_of("ada")
    rows = [{"identifier": "ada", "email": "augusta@mail.example"}]
    await world.prefill(session, *rows, dry_run=True)
    assert world.key_of("ada") == old
    await world.prefill(session, *rows)
    assert world.key_of("ada") == world.key_of("augusta") != old
    assert world.row("augusta").method("email") is not None


@pytest.mark.parametrize("by", ["ada", "augusta"])
async def test_a_name_that_two_accounts_have_now_leads_to_nobody(by: str) -> None:
    """It led to one of them. A sign-in of either under another name unbinds it, so a reset by it begins as nobody's."""
    world = a_world()
    await world.ada()
    await world.account("augusta")
    accounts = world.directory.accounts
    ada, augusta = (next(i for i, (a, _) in accounts.items() if name in a.names) for name in ("ada", "augusta"))
    accounts[ada] = (replace(accounts[ada][0], names=("ada", "team")), PASSWORD)
    await world.sign_in("ada")
    assert world.key_of("team") == world.key_of("ada")
    for which in (ada, augusta):
        entry = accounts[which][0]
        accounts[which] = (replace(entry, names=entry.names[:1], shared_names=("team",)), PASSWORD)
    await world.sign_in(by)
    assert "-" in world.key_of("team"), "the row of a stranger"
    assert world.verification(await world.start("team")).account == world.key_of("team")
    assert world.key_of("ada") != world.key_of("augusta")


async def test_a_reset_uses_the_immutable_id_and_not_the_name() -> None:
    """If a name moves during a reset, the new owner of the name does not get the new password."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    accounts = world.directory.accounts
    ada = next(iter(accounts))
    accounts[ada] = (replace(accounts[ada][0], names=("ada.old",)), accounts[ada][1])
    await world.account("augusta")
    new = next(i for i, (a, _) in accounts.items() if "augusta" in a.names)
    accounts[new] = (replace(accounts[new][0], names=("augusta", "ada")), PASSWORD)
    await world.complete(token)
    assert accounts[new][1] == PASSWORD
    assert accounts[ada][1] != PASSWORD


@pytest.mark.parametrize(
    "hidden",
    [
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\x0b",
        "\x0c",
        "\x00",
        "\x1b",
        "\x7f",
        "\x85",
        "\xad",
        "\u200b",
        "\u2028",
        "\u2029",
        "\u202e",
        "\ufeff",
        "\ue000",
        "\uffff",
        "\u034f",
        "\u115f",
        "\u3164",
        "\uffa0",
        "\u2800",
        "\ufe0f",
        "\U000e0041",
        "\U000e0101",
    ],
)
async def test_no_account_is_made_whose_name_has_a_character_that_cannot_be_seen(hidden: str) -> None:
    """It would look like another name, and a line break could end a line of a list or a log."""
    world = a_world()
    with pytest.raises(InvalidInput):
        await world.service.use(CreateAccount)(f"ada{hidden}lovelace", PASSWORD)
    assert world.directory.accounts == {}
