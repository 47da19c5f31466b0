"""`python -m operate.add_person`, as an operator runs it."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from local.stack.environment import service_environment
from local.stack.keys import fresh_keys
from local.stack.parts import ROOT
from local.stack.ports import Ports
from shared.domain.trail import Tag
from shared.ports.audit_log import By
from tests.integration.in_process import bench
from tests.operate.desk import ended_in_a_sentence


@pytest.mark.integration
async def test_somebody_new_with_roles_can_sign_in_and_leaves_an_audit_event(storage: str) -> None:
    """The event is in the table, not in a queue. A name that is taken leaves none, and its password stays."""
    keys = fresh_keys()
    environment = service_environment(os.environ, Ports.free(1), keys, storage)
    command = [sys.executable, "-m", "operate.add_person", "ada", "--role", "helpdesk", "--role", "auditor"]
    async with bench(storage, keys=keys) as running:
        first, second = (
            subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            for _ in range(2)
        )
        adapters = running.service.adapters
        entry = await adapters.directory.authenticate("ada", first.stdout.split()[3])
        now = adapters.clock.now()
        found = adapters.audit_log.find(By.TIME, "", now - timedelta(days=1), now, most=10)
        events = [one.event async for one in found]

    assert (first.returncode, second.returncode) == (0, 1), first.stderr
    assert "already exists" in second.stderr
    assert entry is not None
    assert entry.roles == {"helpdesk", "auditor"}
    account = adapters.keyring.account_key(entry.object_id)
    assert [(event.tag, event.account, event.cause) for event in events] == [
        (Tag.ACCOUNT_CREATED, account, "privileged")
    ]


@pytest.mark.parametrize("setting", ["SESAME_PEPPERS", "SESAME_ACS_ENDPOINT"])
def test_an_account_that_cannot_be_made_ends_in_one_sentence(setting: str) -> None:
    """Whatever the reason: an operator reads it, at the end of a step of the deployment too."""
    environment = service_environment(os.environ, Ports.free(1), fresh_keys(), "") | {setting: ""}
    command = [sys.executable, "-m", "operate.add_person", "ada"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert setting in ended_in_a_sentence(done)
