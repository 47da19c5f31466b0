"""Rule 4: one's own winning write must not look lost, and an unknown outcome must not be told."""

from datetime import timedelta

import pytest

from shared.domain.completion import reserved
from shared.domain.errors import Refused, TryAgain
from shared.usecases.prefill import Prefill, PrefillRow
from shared.usecases.reconfirm import Reconfirm
from shared.usecases.remind import Remind
from shared.usecases.remove_method import RemoveMethod
from shared.usecases.verify import NextGate
from tests.builders import EMAIL, a_world, prefilled, wrong
from tests.fakes.people import Fault

APPLIED = [Fault.APPLIED_THEN_CONFLICT, Fault.APPLIED_THEN_LOST]
EVERY = [*APPLIED, Fault.CONFLICT, Fault.LOST]


@pytest.mark.parametrize("fault", EVERY)
async def test_a_right_answer_stays_right(fault: Fault) -> None:
    """The SDK resends after a dropped connection and reports a conflict with its own write: still the gate opens."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    world.people.faults = [fault]
    assert isinstance(await world.answer(token, world.code()), NextGate)


@pytest.mark.parametrize("fault", EVERY)
async def test_a_wrong_answer_is_counted_once(fault: Fault) -> None:
    """Recognised by its nonce, a wrong answer is not counted a second time."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    world.people.faults = [fault]
    with pytest.raises(Refused):
        await world.answer(token, wrong(world.code()))
    assert len(world.row().claims[0].tries) == 1


async def test_an_answer_whose_fate_is_unknown_is_not_told() -> None:
    """Applied, and then the store stays away: neither yes nor no."""
    world = a_world()
    await world.ada()
    token = await world.challenge(await world.start())
    world.people.faults = [Fault.LOST] * 12
    with pytest.raises(TryAgain):
        await world.answer(token, world.code())


@pytest.mark.parametrize("fault", EVERY)
async def test_a_password_is_set_though_the_reserve_looked_lost(fault: Fault) -> None:
    """The reserve knows its own event on the row: the person's only proof is not burnt by a lost answer."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    world.people.faults = [fault]
    await world.complete(token)
    assert world.row().completion == ""


@pytest.mark.parametrize("fault", EVERY)
async def test_the_first_code_of_a_registration_goes_out(fault: Fault) -> None:
    """Begin: the answer was lost, the pending contact stands: the code is ordered, and no wait is imposed."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    world.people.faults = [fault]
    await world.register(session, "email", EMAIL)


@pytest.mark.parametrize("fault", EVERY)
async def test_a_resend_in_a_registration_goes_out(fault: Fault) -> None:
    """The second code keeps the registration's id, so its own write must be known by something else."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    world.clock.move(seconds=world.policy.send_interval_seconds)
    world.people.faults = [fault]
    await world.begin(session, "email", EMAIL)
    await world.deliver()
    assert len(world.codes()) == 2


@pytest.mark.parametrize("fault", EVERY)
@pytest.mark.parametrize("confirmed", [True, False])
async def test_a_method_is_removed_once(fault: Fault, confirmed: bool) -> None:
    """Removing what one's own lost write has removed already is done, not an error."""
    world = a_world()
    if confirmed:
        key = await world.ada()
    else:
        key = await world.account("ada")
        row = world.row()
        world.people.put(row.__class__(account=key, object_id=row.object_id, methods=(prefilled("email", EMAIL, key),)))
    session = await world.sign_in()
    world.people.faults = [fault]
    await world.service.use(RemoveMethod)(session, "email", world.trail)
    assert world.row().method("email") is None
    assert len(world.row().notices) == int(confirmed)


@pytest.mark.parametrize("fault", EVERY)
async def test_a_reminder_goes_out_though_its_claim_looked_lost(fault: Fault) -> None:
    """The delivery knows its own claim of the day and sends; it does not take it for somebody else's."""
    world = a_world(reconfirm_days=1)
    await world.ada()
    session = await world.sign_in()
    await world.service.use(Reconfirm)(session, world.trail)
    world.clock.move(days=2)
    world.clock.tick = timedelta(milliseconds=1)  # a real clock never says the same twice
    await world.service.use(Remind)(world.trail)
    world.people.faults = [fault]
    await world.deliver()
    assert len(world.letters()) == 1


@pytest.mark.parametrize("fault", EVERY)
async def test_a_prefilled_language_is_written_before_it_is_reported(fault: Fault) -> None:
    """A row with nothing but a language: a lost race is tried again and not taken for one's own write."""
    world = a_world()
    await world.ada()
    await world.account("avery", roles=frozenset({"administrator"}))
    session = await world.sign_in("avery")
    world.people.faults = [fault]
    row = PrefillRow(identifier="ada", contacts={}, language="fr")
    verdicts = await world.service.use(Prefill)(session, [row], world.trail, dry_run=False)
    assert [verdict.verdict for verdict in verdicts] == ["prefilled"]
    assert world.row().language == "fr"


async def test_somebody_elses_event_is_not_ones_own() -> None:
    """A conflict caused by another completion refuses this one: two reserves never both win."""
    world = a_world()
    await world.ada()
    token = await world.prove()
    rival = reserved(world.row(), event="rival", version="B" * 22, now=world.clock.now())
    world.people.meanwhile = lambda: world.people.put(rival)
    with pytest.raises(Refused):
        await world.complete(token)
    assert world.row().completion == "rival"
