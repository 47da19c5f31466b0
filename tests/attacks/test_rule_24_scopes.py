"""Rule 24: a role with a scope is good for the people of a group, as the directory has it now."""

import pytest

from shared.domain.account import ObjectId
from shared.domain.errors import NotAllowed, NotFound
from shared.domain.reregistration import Renewals
from shared.domain.roles import Role, Scope
from shared.ports.directory import Attributes
from shared.usecases.erase import Erase
from shared.usecases.require_registrations import RequireRegistrations
from shared.usecases.search_audit import Search, SearchAudit
from shared.usecases.unblock import Unblock
from shared.validation.identifier import canonical_identifier
from tests.builders import WHY, a_world


async def test_a_role_with_a_scope_is_good_for_the_people_of_that_group_alone() -> None:
    """Whoever leaves the group of operators can do nothing more. What is about everybody takes a wider scope."""
    world = a_world()
    here = Scope(name="Lyon", role=Role.ADMINISTRATOR, operators="cn=office,dc=lyon", people="cn=staff,dc=lyon")
    world.adapters.scopes = (here,)
    await world.ada()
    await world.account("bob", email="bob@mail.example")
    await world.account("avery", roles=frozenset({Role.ADMINISTRATOR}))
    groups = {"ada": ("CN=Staff, DC=Lyon",), "avery": ("CN=Office,DC=Lyon",)}
    world.directory.known = {who: Attributes(groups=of) for who, of in groups.items()}
    session, use, trail = await world.sign_in("avery"), world.service.use, world.trail
    assert not await use(Unblock)(session, "ada", WHY, trail)
    rows = [{"identifier": name, "language": "fr"} for name in ("ada", "bob")]
    assert [one.code for one in await world.prefill(session, *rows)] == [None, "out_of_scope"]
    asked = await use(RequireRegistrations).named(
        session, [canonical_identifier(name) for name in ("bob", "ada", "avery")], Renewals(), WHY, trail, dry_run=False
    )
    assert (asked.asked, asked.refused) == (1, (1, 3))
    audit, by_person = use(SearchAudit), Search(person=canonical_identifier("ada"))
    assert {one.person for one in (await audit(session, by_person, trail, most=9, after=None)).events} == {"ada"}
    left = world.directory.accounts.pop(world.row("bob").object_id or ObjectId(""))
    for refused in (
        use(Unblock)(session, "bob", WHY, trail),
        use(Erase)(session, "bob", WHY, trail),
        audit(session, Search(), trail, most=9, after=None),
        use(RequireRegistrations).everybody(session, None, Renewals(), WHY, trail, dry_run=True),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            await refused
    world.directory.accounts[left[0].object_id] = left
    world.directory.known["avery"] = Attributes()
    with pytest.raises(NotAllowed):
        await use(Unblock)(session, "ada", WHY, trail)
