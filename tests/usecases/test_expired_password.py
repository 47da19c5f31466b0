"""A right password that has expired or must be changed ends in a new one, and is good for nothing else (M11)."""

import pytest

from shared.domain.account import PasswordState
from shared.domain.errors import PasswordChangeRequired, SignInRequired, TryAgain
from shared.ports.directory import DirectoryLost
from shared.usecases.change_password import ChangePassword
from shared.usecases.view_registration import ViewRegistration
from tests.builders import EMAIL, NEW_PASSWORD, PASSWORD, a_world


@pytest.mark.parametrize("state", [PasswordState.EXPIRED, PasswordState.MUST_CHANGE])
async def test_a_password_that_has_run_out_opens_the_choice_of_another_one_alone(state: PasswordState) -> None:
    """Views and writes are refused with a code of their own; the session after the change is good for everything."""
    world = a_world()
    await world.ada()
    world.directory.states["ada"] = state
    with pytest.raises(SignInRequired):
        await world.sign_in(password="a wrong password, quite long")
    session = await world.sign_in()
    for refused in (world.service.use(ViewRegistration)(session), world.begin(session, "email", EMAIL)):
        with pytest.raises(PasswordChangeRequired):
            await refused
    renewed, _ = await world.service.use(ChangePassword)(session, PASSWORD, NEW_PASSWORD, world.trail)
    assert await world.service.use(ViewRegistration)(renewed)


@pytest.mark.parametrize("by", ["change", "reset"])
async def test_a_directory_that_refuses_to_write_for_its_own_reasons_leaves_the_proof(by: str) -> None:
    """No right, or no room: nothing was written, so there is no notice, and the same session or token goes on."""
    world = a_world()
    await world.ada()
    session, token = await world.sign_in(), await world.prove()
    world.orders.clear()
    world.directory.answers = [DirectoryLost()]
    change = world.service.use(ChangePassword)
    with pytest.raises(TryAgain) as lost:
        await (world.complete(token) if by == "reset" else change(session, PASSWORD, NEW_PASSWORD, world.trail))
    assert not world.row().completion
    assert not world.row().notices
    if by == "reset":
        await world.complete(lost.value.reset_token or "")
    else:
        await change(session, PASSWORD, NEW_PASSWORD, world.trail)
    assert await world.directory.authenticate("ada", NEW_PASSWORD)
