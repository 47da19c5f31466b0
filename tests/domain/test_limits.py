"""Limits: a closed list, whose keys do not depend on the caller and can be derived for an erasure."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain import limits
from shared.domain.errors import BotCheckRequired, Limited, Refused
from shared.domain.limits import (
    ALL_LIMITS,
    CODES,
    CODES_TO_NOBODY,
    HOUR,
    By,
    Limit,
    Rate,
    counts_about,
)
from shared.domain.person import Lane
from shared.domain.roles import Role
from shared.domain.trail import ReminderOrder, Trail
from shared.ports.keyring import Keyring
from shared.usecases._limits import Limits
from shared.usecases.change_password import ChangePassword
from shared.usecases.check_password import CheckPassword
from shared.usecases.open_activation import OpenActivation
from shared.usecases.reveal_contact import RevealContact
from shared.usecases.sign_in_with_token import SignInWithToken
from tests.builders import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, PHONE, World, a_policy, a_world

VALUES = {By.CLIENT: "203.0.113.0/24", By.NAME: "a name key", By.ACCOUNT: "an account", By.DESTINATION: "a mailbox",
          By.METHOD: "email", By.VERIFICATION: "v",
          By.VERSION: "A"}  # fmt: skip

OF_A_VERIFICATION = {"challenge.verification", "password.check", "bot.check", "session.token"}
OF_AN_ACCOUNT = {"me.password", "registration.sends", "change.sends", "admin.reveals"}

each_limit = pytest.mark.parametrize("limit", ALL_LIMITS, ids=lambda limit: limit.name)


def values_of(limit: Limit) -> dict[str, str]:
    """Return values for what the limit counts by. `start.name` counts clients apart, within its counter."""
    inner = {rate.each for rates in limit.lanes(a_policy(), tuple(Lane)) for rate in rates if rate.each}
    return {by.value: VALUES[by] for by in {*limit.by, *inner}}


def test_the_name_of_every_limit_is_unique() -> None:
    """It is part of the key: two limits with one name would share their counts."""
    assert len({limit.name for limit in ALL_LIMITS}) == len(ALL_LIMITS)


def test_every_limit_is_in_the_list() -> None:
    """Erasure derives the counters from the list, so a limit outside of it would not be deleted."""
    listed = {(limit.name, limit.by) for limit in ALL_LIMITS}
    assert {(limit.name, limit.by) for limit in vars(limits).values() if isinstance(limit, Limit)} == listed


@each_limit
def test_a_limit_has_values_to_count_by_and_rates(limit: Limit) -> None:
    """Each value once. A limit without a rate would refuse nothing."""
    assert limit.by
    assert len(set(limit.by)) == len(limit.by)
    assert all(rate.limit >= 1 for rate in limit.rates(a_policy()))
    assert limit.rates(a_policy())


@pytest.mark.parametrize(("day", "reserved", "lanes"), [(10, 2, [6, 2, 2]), (10, 5, [2, 4, 4]), (2, 1, [2, 0, 0])])
def test_the_two_reserves_are_parts_of_the_days_codes(day: int, reserved: int, lanes: list[int]) -> None:
    """The day's limit holds for all lanes together, and at least one code is left for everybody (C11)."""
    policy = a_policy(sends_per_destination_day=day, sends_reserved_day=reserved)
    assert [rates[-1].limit for rates in CODES.lanes(policy, tuple(Lane))] == lanes


def test_codes_without_a_destination_have_the_same_rates() -> None:
    """A stranger's delivery does the same work and stops at the same number (rule 9)."""
    assert CODES_TO_NOBODY.rates(a_policy()) == CODES.rates(a_policy())


@each_limit
async def test_the_key_of_a_counter_does_not_depend_on_the_order_of_values(limit: Limit) -> None:
    """Values are given by name, in any order, together with values that the limit does not use."""
    world = a_world()
    counting, values = world.service.use(Limits), values_of(limit)
    await counting.allows(limit, **values)
    await counting.allows(limit, **dict(reversed(values.items())))
    await counting.allows(limit, **{**{by.value: value for by, value in VALUES.items()}, **values})
    assert list(world.adapters.limiter.hits.values()) == [3]
    await counting.forget({by: {value} for by, value in VALUES.items()})
    assert world.adapters.limiter.windows == {}, "and erasure derives the same key"


@pytest.mark.parametrize("changed", CODES_TO_NOBODY.by, ids=lambda by: by.value)
async def test_another_value_is_another_counter(changed: By) -> None:
    """Nobody can use up the limit of another person."""
    world = a_world()
    counting, values = world.service.use(Limits), values_of(CODES_TO_NOBODY)
    await counting.allows(CODES_TO_NOBODY, **values)
    await counting.allows(CODES_TO_NOBODY, **{**values, changed.value: "another"})
    assert list(world.adapters.limiter.hits.values()) == [1, 1]


async def test_swapped_values_are_another_counter() -> None:
    """The position of a value is part of the key, in case a name looks like an address."""
    world = a_world()
    counting = world.service.use(Limits)
    await counting.allows(CODES_TO_NOBODY, account="a", method="b")
    await counting.allows(CODES_TO_NOBODY, account="b", method="a")
    assert list(world.adapters.limiter.hits.values()) == [1, 1]


@each_limit
async def test_a_limit_that_is_reached_is_refused_and_recorded_by_name(limit: Limit) -> None:
    """Or the bot check where that opens more; with the client as a digest where there is one."""
    world, trail = a_world(), Trail()
    counting, values = world.service.use(Limits), values_of(limit)
    for _ in range(min(rate.limit for rate in limit.rates(world.policy))):
        await counting.enforce(limit, trail, **values)
    assert trail.events == []
    with pytest.raises(BotCheckRequired if limit.reserves(world.policy) else Limited):
        await counting.enforce(limit, trail, **values)
    client = world.adapters.keyring.digest("client", VALUES[By.CLIENT]) if By.CLIENT in values_of(limit) else ""
    assert [(event.cause, event.client_key) for event in trail.events] == [(limit.name, client)]


@pytest.mark.parametrize(
    ("known", "names"),
    [
        pytest.param((), set(), id="nothing"),
        pytest.param((By.NAME,), {"start.name", "session.name", "objection.name", "activation.name"}, id="the name"),
        pytest.param((By.ACCOUNT,), OF_AN_ACCOUNT, id="the account"),
        pytest.param((By.DESTINATION,), {"codes", "reminders"}, id="the destination"),
        pytest.param((By.ACCOUNT, By.METHOD), {*OF_AN_ACCOUNT, "codes.nobody"}, id="account and method"),
        pytest.param((By.ACCOUNT, By.VERSION), {*OF_AN_ACCOUNT, "directory.failures"}, id="account and version"),
        pytest.param((By.VERIFICATION,), OF_A_VERIFICATION, id="a verification"),
        pytest.param(tuple(By), {limit.name for limit in ALL_LIMITS}, id="everything"),
    ],
)  # fmt: skip
def test_an_erasure_derives_the_counters_whose_values_are_known(known: tuple[By, ...], names: set[str]) -> None:
    """A counter with an unknown value, such as a client's address, expires by itself."""
    found = counts_about({by: {VALUES[by]} for by in known})
    assert {limit.name for limit, _ in found} == names
    assert all(chosen == {by: VALUES[by] for by in limit.by} for limit, chosen in found)


def test_an_erasure_derives_a_counter_for_every_combination_of_values() -> None:
    """Two names, three destinations, every method."""
    known = {By.NAME: {"n1", "n2"}, By.ACCOUNT: {"a"}, By.METHOD: {"m1", "m2"}, By.DESTINATION: {"d1", "d2", "d3"}}
    found = [(limit.name, *(chosen[by] for by in limit.by)) for limit, chosen in counts_about(known)]
    assert len(set(found)) == len(found)
    assert {entry for entry in found if entry[0] in {"start.name", "codes.nobody", "codes"}} == {
        *[("start.name", "n1"), ("start.name", "n2"), ("codes.nobody", "a", "m1"), ("codes.nobody", "a", "m2")],
        *[("codes", "d1"), ("codes", "d2"), ("codes", "d3")],
    }


class LabelledKeyring:
    """A keyring that records the label of every digest."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self.labels: dict[str, str] = {}

    def digest(self, label: str, *parts: str) -> str:
        made = self._keyring.digest(label, *parts)
        self.labels[made] = label
        return made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keyring, name)


async def a_life_with_the_service(world: World) -> None:
    """Ada registers, changes her password and resets it. A stranger tries an unknown name. The directory may lock."""
    world.directory.locks_at = Rate(10, HOUR)
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    await world.register(session, "mobile_phone", PHONE)
    await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)
    await world.deliver()
    world.people.put(replace(world.row(), methods=tuple(replace(m, usable_from=None) for m in world.row().methods)))
    await world.service.use(CheckPassword)(NEW_PASSWORD, world.trail, token=await world.prove())
    world.clock.move(days=world.policy.reconfirm_days)
    await world.challenge(await world.start("nobody"))
    for _ in range(world.policy.starts_per_name_and_client_hour):
        solution = await world.check("nobody")
    await world.start("nobody", solution=solution)
    await world.object_to("00000-00000", "nobody")
    with pytest.raises(Refused):
        await world.service.use(OpenActivation)("nobody", "0" * 16, CLIENT, world.trail)
    await world.deliver(ReminderOrder(account=world.key_of("ada"), day=world.row().reminder_day))
    await world.account("avery", roles=frozenset({Role.ADMINISTRATOR}))
    office = await world.sign_in("avery")
    await world.service.use(RevealContact)(office, "ada", "email", "called back", world.trail)
    token = world.adapters.entra.token(world.row().object_id)
    await world.service.use(SignInWithToken)(token, world.trail, client=CLIENT)


async def test_every_limit_is_used() -> None:
    """A limit that no use-case uses protects nothing, and a counter outside the list is never erased."""
    world = a_world()
    world.adapters.keyring = keyring = LabelledKeyring(world.adapters.keyring)  # type: ignore[assignment]
    world.forget_what_was_built()
    await a_life_with_the_service(world)
    assert {keyring.labels[key] for key in world.adapters.limiter.hits} == {limit.name for limit in ALL_LIMITS}
