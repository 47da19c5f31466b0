"""Rules 20 and 21: whoever has a session must prove a registered method before a change, or waits."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import AnswerRefused, InvalidInput, NoTriesLeft, ProofRequired, Refused
from shared.domain.person import MethodState
from shared.domain.trail import Tag, Trail
from shared.domain.verification import Verification
from shared.ports.tokens import TokenPurpose
from shared.usecases.ask_proof import AskProof
from shared.usecases.begin_method import BeginMethod, Wish
from shared.usecases.confirm_method import ConfirmMethod
from shared.usecases.give_proof import GiveProof
from tests.attacks.authenticator import APP, an_app
from tests.builders import CLIENT, EMAIL, PHONE, World, a_method, a_world, prefilled, wrong

THIEFS = "thief@elsewhere.example"


async def asked(world: World, session: str, method: str = "email", proof: str | None = None) -> str:
    """Ask for a challenge by that method, have it delivered, and return the proof to answer with."""
    trail = Trail()
    ask = world.service.use(AskProof)
    made = await ask(session, method, trail, proof=proof, channel=None, client=CLIENT, language="en")
    await world.deliver()
    return made.proof


async def given(world: World, session: str, proof: str, answer: str) -> str:
    proved, _ = await world.service.use(GiveProof)(session, proof, answer, world.trail, client=CLIENT)
    return proved


async def begun(world: World, session: str, method: str, **wish: Any) -> object:
    return await world.service.use(BeginMethod)(session, method, Wish(**wish), world.trail)


async def test_a_proof_by_a_registered_method_allows_changes_which_then_do_not_rest() -> None:
    """Several changes with one proof. The message says what its code allows."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    proof = await asked(world, session)
    assert "change your sign-in methods" in world.messages()[-1]
    proof = await given(world, session, proof, world.code())
    await begun(world, session, "mobile_phone", contact=PHONE, proof=proof)
    await world.deliver()
    await world.confirm(session, "mobile_phone")
    await begun(world, session, APP, proof=proof)
    assert world.row().method("mobile_phone").usable_from <= world.clock.now()  # type: ignore[union-attr, operator]


async def test_the_confirmation_of_a_first_method_proves_the_next() -> None:
    """A new person need not answer twice in a row. The first methods of an account do not rest."""
    world = a_world()
    await world.account("ada")
    session = await world.sign_in()
    await begun(world, session, "email", contact=EMAIL)
    await world.deliver()
    _, proof = await world.service.use(ConfirmMethod)(session, "email", world.code(), world.trail)
    await begun(world, session, "mobile_phone", contact=PHONE, proof=proof)
    await world.deliver()
    await world.confirm(session, "mobile_phone")
    await world.prove()


async def test_confirming_a_contact_again_is_no_proof() -> None:
    """Its message does not say that it allows a change, so somebody might read its code out."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    await begun(world, session, "email")
    await world.deliver()
    _, proof = await world.service.use(ConfirmMethod)(session, "email", world.code(), world.trail)
    assert proof is None


@pytest.mark.parametrize("ending", ["expired", "of somebody else", "replaced", "not answered", "not on the row"])
async def test_a_proof_that_proves_nothing_now_is_refused(ending: str) -> None:
    """The row decides, not the token alone (rule 5)."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    await world.account("eve", email=THIEFS)
    session = await world.sign_in("eve" if ending == "of somebody else" else "ada")
    proof = await asked(world, session)
    if ending != "not answered":
        proof = await given(world, session, proof, world.code())
    match ending:
        case "expired":
            world.clock.move(minutes=15)
        case "of somebody else":
            pass
        case "replaced":
            row = world.row()
            phone = a_method("mobile_phone", PHONE, row.account)
            world.people.put(replace(row, methods=(replace(row.methods[0], state=MethodState.PREFILLED), phone)))
        case "not on the row":
            world.people.put(replace(world.row(), attempts=()))
    with pytest.raises(ProofRequired):
        await begun(world, await world.sign_in(), APP, proof=proof)


async def test_a_method_cannot_prove_the_contact_that_it_becomes() -> None:
    """A proof is at another destination than the new one (rule 20)."""
    world = a_world()
    key = await world.account("ada", email=EMAIL)
    row = world.row()
    world.people.put(replace(row, methods=(*row.methods, prefilled("mobile_phone", PHONE, key))))
    session = await world.sign_in()
    proof = await given(world, session, await asked(world, session), world.code())
    verification = world.adapters.tokens.open(TokenPurpose.CHANGE, proof, Verification)
    evidence = replace(verification.passed[0].evidence, destination=world.row().methods[1].destination)
    forged = replace(verification, passed=(replace(verification.passed[0], evidence=evidence),))
    with pytest.raises(ProofRequired):
        await begun(world, session, "mobile_phone", proof=world.adapters.tokens.seal(TokenPurpose.CHANGE, forged))


async def test_wrong_answers_are_counted_and_close_neither_a_reset_nor_a_registration() -> None:
    """Five tries a proof, ten a day, with counters of their own (rules 3 and 6)."""
    world = a_world(sends_per_destination_10min=20, sends_per_destination_hour=20, sends_per_destination_day=20)
    await world.ada()
    session = await world.sign_in()
    proof = await asked(world, session)
    guess = wrong(world.code())
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(NoTriesLeft if left == 0 else AnswerRefused) as told:
            await given(world, session, proof, guess)
        assert told.value.tries_left == left
        proof = told.value.verification_token or ""
    with pytest.raises(NoTriesLeft):
        await given(world, session, proof, guess)
    assert set(world.row().failures) == {"change:1:email"}
    await world.prove()


async def test_ten_wrong_answers_are_told_and_leave_an_event() -> None:
    """Whoever has the session guesses the code. The owner hears of it, and so does the audit log (R-100)."""
    world = a_world(sends_per_destination_10min=20, sends_per_destination_hour=20, sends_per_destination_day=20)
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    for _ in range(2):
        proof = await asked(world, session)
        guess = wrong(world.code())
        for _ in range(5):
            with pytest.raises(AnswerRefused) as told:
                await given(world, session, proof, guess)
            proof = told.value.verification_token or ""
    assert [event.tag for event in world.trail.events].count(Tag.METHOD_SUSPENDED) == 1
    assert [notice.template for notice in world.row().notices] == ["method_suspended"]


async def test_a_right_answer_by_a_suspect_method_shows_that_it_works() -> None:
    """As in a reset."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    row = world.row()
    world.people.put(replace(row, methods=(replace(row.methods[0], suspect_at=world.clock.now()),)))
    world.clock.move(minutes=1)
    session = await world.sign_in()
    await given(world, session, await asked(world, session), world.code())
    assert world.row().methods[0].suspect_at is None


async def test_an_answer_needs_a_challenge_of_ones_own_and_a_method_that_can_prove() -> None:
    """Neither a stranger's proof nor a method that is not registered is accepted."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    await world.account("eve", email=THIEFS)
    session, eves = await world.sign_in(), await world.sign_in("eve")
    proof = await asked(world, eves)
    with pytest.raises(Refused):
        await given(world, session, proof, world.code())
    with pytest.raises(InvalidInput, match="not_registered"):
        await asked(world, session, "mobile_phone")


async def test_an_app_proves_a_change() -> None:
    """Nothing is sent."""
    world = a_world()
    await world.account("ada", email=EMAIL)
    app = await an_app(world)
    session = await world.sign_in()
    proof = await given(world, session, await asked(world, session, APP), app.code())
    await begun(world, session, "mobile_phone", contact=PHONE, proof=proof)


async def test_a_thief_who_removes_everything_gains_no_time() -> None:
    """After the last removal nothing can prove a change, so what is added rests as if the old methods were there."""
    world = a_world(gates=1)
    await world.account("ada", email=EMAIL)
    session = await world.sign_in()
    await world.remove(session, "email")
    await begun(world, session, "mobile_phone", contact=PHONE)
    await world.deliver()
    await world.confirm(session, "mobile_phone")
    phone = world.row().method("mobile_phone")
    assert phone is not None
    assert phone.usable_from == world.clock.now() + timedelta(hours=24)


async def test_a_number_that_was_withdrawn_meanwhile_is_not_confirmed() -> None:
    """The administrator withdrew or replaced it while its code was on the way (rule 13)."""
    world = a_world()
    key = await world.account("ada", methods=(prefilled("mobile_phone", PHONE, "placeholder"),))  # type: ignore[arg-type]
    row = world.row()
    for stands in ((), (prefilled("mobile_phone", "+33639980009", key),)):
        world.people.put(replace(row, methods=(prefilled("mobile_phone", PHONE, key),), pending=()))
        session = await world.sign_in()
        await begun(world, session, "mobile_phone")
        await world.deliver()
        world.people.put(replace(world.row(), methods=stands))
        with pytest.raises(Refused):
            await world.confirm(session, "mobile_phone")
        assert not world.row().confirmed
