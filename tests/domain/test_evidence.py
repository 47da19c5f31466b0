"""Evidence: which proofs count as independent."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.gates import independent
from shared.domain.person import Evidence, EvidenceClass
from shared.methods import ALL

PROOFS = st.lists(
    st.builds(Evidence, kind=st.sampled_from(EvidenceClass), destination=st.sampled_from("xyz")), max_size=6
)


def proof(kind: EvidenceClass, destination: str = "") -> Evidence:
    """Return a proof of that class. Without `destination` it gets its own, as keyed digests do."""
    return Evidence(kind=kind, destination=destination or f"a {kind.value}")


MAILBOX, PHONE = proof(EvidenceClass.MAILBOX), proof(EvidenceClass.PHONE_LINE)
DEVICE = proof(EvidenceClass.DEVICE)


@given(PROOFS)
def test_independent_proofs_are_never_more_than_classes_or_destinations(proofs: list[Evidence]) -> None:
    """Proofs of one class, or at one destination, are one proof in every combination."""
    count = independent(proofs)
    assert count <= min(len({one.kind for one in proofs}), len({one.destination for one in proofs}))
    assert (count >= 1) is bool(proofs)


@given(PROOFS, PROOFS)
def test_another_proof_never_reduces_the_number_of_independent_proofs(
    proofs: list[Evidence], more: list[Evidence]
) -> None:
    """A proof is never lost by a further one."""
    assert independent(proofs + more) >= independent(proofs)


@pytest.mark.parametrize(
    ("proofs", "count"),
    [
        pytest.param((), 0, id="nothing"),
        pytest.param((MAILBOX,), 1, id="one"),
        pytest.param((MAILBOX, PHONE), 2, id="two classes"),
        pytest.param((MAILBOX, PHONE, DEVICE), 3, id="three classes"),
        pytest.param((MAILBOX, MAILBOX), 1, id="the same twice"),
        pytest.param((MAILBOX, proof(EvidenceClass.MAILBOX, "another")), 1, id="two mailboxes"),
        pytest.param((DEVICE, proof(EvidenceClass.DEVICE, "another")), 1, id="two devices"),
        pytest.param((MAILBOX, proof(EvidenceClass.DEVICE, MAILBOX.destination)), 1, id="two classes at one place"),
    ],
)
def test_proofs_are_independent_by_class_and_destination(proofs: tuple[Evidence, ...], count: int) -> None:
    """Class *and* destination must differ from every earlier proof (R-26), in any order."""
    assert {independent(order) for order in permutations(proofs)} == {count}


def test_phishing_resistance_does_not_make_a_second_proof() -> None:
    """It is a property of a proof and does not make it independent."""
    better = Evidence(kind=DEVICE.kind, destination=DEVICE.destination, phishing_resistant=True)
    assert independent((DEVICE, better)) == 1


def test_mobile_and_office_phone_are_one_class_of_evidence() -> None:
    """An attacker who takes over one line of a person may take over the other too."""
    assert ALL["mobile_phone"].evidence is ALL["office_phone"].evidence is EvidenceClass.PHONE_LINE
