"""Registration: how beginning, confirming, changing, removing and prefilling a method change the row."""

from dataclasses import replace
from datetime import datetime

import pytest

from shared.domain.account import AccountKey
from shared.domain.errors import InvalidInput, Limited
from shared.domain.forgetting import forgotten
from shared.domain.person import (
    REGISTRATION_GATE,
    AttemptId,
    CodeId,
    Evidence,
    EvidenceClass,
    Failures,
    MethodState,
    PendingMethod,
    Person,
    Purpose,
    RegisteredMethod,
    Sealed,
    Source,
)
from shared.domain.policy import Policy
from shared.domain.reconfirming import reconfirmed
from shared.domain.registration import (
    NewMethod,
    begun_with_code,
    begun_with_secret,
    confirmed,
    prefilled,
    removed,
)
from tests.builders import EMAIL, PHONE, a_method, a_person, a_policy, at
from tests.builders import prefilled as a_prefilled
from tests.fakes.clock import MONDAY_MORNING

KEY = AccountKey("account")
POLICY = a_policy()
ONE_GATE = a_policy(gates=1)
MOST = 3


def an_address(destination: str = "new") -> Sealed:
    return Sealed(method="email", text="sealed", evidence=Evidence(kind=EvidenceClass.MAILBOX, destination=destination))


def an_app(credential: str = "a") -> Sealed:
    evidence = Evidence(kind=EvidenceClass.DEVICE, destination=f"digest of {credential}")
    return Sealed(method="authenticator_app", text="sealed", evidence=evidence, credential=credential)


def with_apps(*credentials: str, **row: object) -> Person:
    """Return a row with these apps confirmed some time ago. The label of each is its own name."""
    apps = tuple(
        RegisteredMethod(
            sealed=an_app(credential),
            state=MethodState.CONFIRMED,
            source=Source.SELF,
            set_at=at(days=-3),
            confirmed_at=at(days=-3),
            label=f"app {credential}",
        )
        for credential in credentials
    )
    return a_person(methods=apps, **row)


NEW = NewMethod(sealed=an_address(), source=Source.SELF)


def begin(person: Person, new: NewMethod = NEW, *, name: str = "r", key: int = 1, **after: float) -> Person:
    row, pending = begun_with_code(
        person, new, "email", registration=name, nonce=f"begun {name}", code_key=key, now=at(**after), policy=POLICY
    )
    assert row.pending_for(new.name) == pending
    return row


def begin_app(person: Person, credential: str = "new", **new: str) -> Person:
    method = NewMethod(sealed=an_app(credential), source=Source.SELF, **new)
    row, pending = begun_with_secret(
        person, method, MOST, registration="r", nonce="begun", now=MONDAY_MORNING, policy=POLICY
    )
    assert row.pending_for("authenticator_app") == pending
    return row


def confirm(person: Person, new: NewMethod = NEW, *, policy: Policy = POLICY, proved: Sealed | None = None) -> Person:
    """Return the row after the right answer for `new`."""
    pending = PendingMethod(
        sealed=new.sealed,
        source=new.source,
        attempt=AttemptId(purpose=Purpose.REGISTRATION, verification="r", gate=REGISTRATION_GATE, method=new.name),
        expires_at=at(minutes=15),
        nonce="begun",
        label=new.label,
        replaces=new.replaces,
        proved=new.proved,
    )
    return confirmed(
        replace(person, pending=(pending,)),
        pending,
        proved or new.sealed,
        event="e",
        version="new version",
        now=MONDAY_MORNING,
        policy=policy,
    )


def remove(
    person: Person, name: str, credential: str = "", *, event: str = "e", now: datetime = MONDAY_MORNING
) -> Person:
    return removed(person, name, credential, event=event, version=f"version {event}", now=now, policy=POLICY)


class TestBegun:
    """The pending method, and the effect of beginning again."""

    def test_a_contact_is_pending_with_its_first_code(self) -> None:
        """Under a new id, with gate 0 and the nonce of the request."""
        pending = begin(a_person()).pending[0]
        attempt = AttemptId(purpose=Purpose.REGISTRATION, verification="r", gate=0, method="email")
        assert pending == PendingMethod(
            sealed=an_address(),
            source=Source.SELF,
            attempt=attempt,
            expires_at=at(minutes=15),
            nonce="begun r",
            code=CodeId(attempt=attempt, channel="email", send=1),
            code_key=1,
            sent_at=MONDAY_MORNING,
        )

    def test_the_same_contact_again_is_a_resend(self) -> None:
        """It keeps its id, expiry and key, has the next send number and its own nonce, and needs the wait."""
        first = begin(a_person(), name="first")
        with pytest.raises(Limited) as limited:
            begin(first, seconds=59)
        assert limited.value.retry_after in {1, 2}
        pending = begin(first, seconds=60, name="second", key=2).pending[0]
        assert pending.code is not None
        assert (pending.attempt.verification, pending.code.send, pending.expires_at) == ("first", 2, at(minutes=15))
        assert (pending.code.attempt, pending.code_key, pending.nonce) == (pending.attempt, 1, "begun second")

    def test_a_contact_gets_no_more_codes_than_a_gate(self) -> None:
        """Three, and then none until its registration has expired."""
        third = begin(begin(begin(a_person()), seconds=60), seconds=180)
        with pytest.raises(Limited) as limited:
            begin(third, seconds=420)
        assert limited.value.retry_after in {480, 481}

    def test_another_contact_starts_a_new_registration(self) -> None:
        """At once, under a new id, and in place of the first."""
        after = begin(begin(a_person(), name="first"), replace(NEW, sealed=an_address("other")), name="second")
        assert [(p.attempt.verification, p.code and p.code.send, p.destination) for p in after.pending] == [
            ("second", 1, "other")
        ]

    def test_an_expired_registration_starts_again(self) -> None:
        """It expires exactly on the second."""
        pending = begin(begin(a_person(), name="first"), minutes=15, name="second").pending[0]
        assert pending.code is not None
        assert (pending.attempt.verification, pending.code.send) == ("second", 1)

    def test_a_secret_is_pending_without_a_code(self) -> None:
        """Nothing is sent, so there is no wait: a second beginning replaces the first at once."""
        after = begin_app(begin_app(a_person(), "first"), "second", label="work phone")
        assert [(p.sealed.credential, p.label, p.code, p.sent_at) for p in after.pending] == [
            ("second", "work phone", None, None)
        ]

    def test_different_methods_can_be_pending_at_the_same_time(self) -> None:
        """There is one pending entry for each method name (rule 13)."""
        assert {pending.name for pending in begin_app(begin(a_person())).pending} == {"email", "authenticator_app"}

    def test_an_account_has_no_more_secrets_than_its_method_allows(self) -> None:
        """Three apps. A fourth can only replace one of them."""
        assert begin_app(with_apps("a", "b")).pending
        full = with_apps("a", "b", "c")
        with pytest.raises(InvalidInput) as refused:
            begin_app(full)
        assert (refused.value.field, refused.value.reason) == ("method", "too_many")
        assert begin_app(full, replaces="b").pending[0].replaces == "b"

    def test_a_secret_that_does_not_exist_cannot_be_replaced(self) -> None:
        """Nor one of another account."""
        with pytest.raises(InvalidInput) as refused:
            begin_app(with_apps("a"), replaces="z")
        assert (refused.value.field, refused.value.reason) == ("credential", "not_registered")


class TestConfirmed:
    """The row after the right answer for a pending method."""

    def test_a_first_method_is_usable_at_once_and_causes_a_notice(self) -> None:
        """There is no older method to protect, and no version is drawn."""
        after = confirm(a_person())
        method = after.methods[0]
        assert (method.state, method.confirmed_at, method.usable_from) == (
            MethodState.CONFIRMED,
            MONDAY_MORNING,
            MONDAY_MORNING,
        )
        assert after.version == a_person().version
        assert [(n.template, n.event, n.method) for n in after.notices] == [("method_added", "e", "email")]
        assert after.pending == ()

    @pytest.mark.parametrize(
        ("before", "policy", "new", "rests"),
        [
            pytest.param(a_person(mobile_phone=PHONE), POLICY, NEW, True, id="another method"),
            pytest.param(with_apps("a"), POLICY, NEW, True, id="an app"),
            pytest.param(a_person(email=EMAIL), POLICY, NEW, True, id="the one that it replaces"),
            pytest.param(a_person(mobile_phone=PHONE), POLICY, replace(NEW, proved=True), False, id="proved"),
            pytest.param(a_person(mobile_phone=PHONE), a_policy(new_method_rest_hours=0), NEW, False, id="no rest"),
            pytest.param(
                a_person(methods=(a_method("mobile_phone", PHONE, KEY, usable_from=at(hours=-23)),)),
                POLICY, NEW, False, id="another new one",
            ),
            pytest.param(a_person(guarded_until=at(hours=1)), POLICY, NEW, True, id="one that was removed"),
            pytest.param(a_person(guarded_until=at()), POLICY, NEW, False, id="one that was removed long ago"),
        ],
    )  # fmt: skip
    def test_a_new_method_without_a_proof_rests_beside_an_older_one(
        self, before: Person, policy: Policy, new: NewMethod, rests: bool
    ) -> None:
        """For a period in which the owner gets the notice. Nothing that the changer can alter shortens it (rule 21)."""
        method = confirm(before, new, policy=policy).method("email")
        assert method is not None
        assert method.usable_from == (at(hours=24) if rests else at())

    @pytest.mark.parametrize(("since", "guards"), [(-24, True), (-23, False)], ids=["a whole period", "less"])
    def test_a_removed_method_counts_as_present_if_it_was_usable_for_a_rest_period(
        self, since: int, guards: bool
    ) -> None:
        """A thief who removes everything waits as long as one who does not."""
        person = a_person(methods=(a_method("email", EMAIL, KEY, usable_from=at(hours=since)),))
        assert remove(person, "email").guarded_until == (at(hours=24) if guards else None)

    def test_a_changed_contact_draws_a_version_and_keeps_the_old_one_for_notices(self) -> None:
        """The notice goes to both (rule 12, R-50)."""
        person = a_person(email=EMAIL)
        after = confirm(person)
        assert after.version == "new version"
        assert [(gone.sealed, gone.removed_at) for gone in after.removed] == [
            (person.methods[0].sealed, MONDAY_MORNING)
        ]
        assert after.notices[0].template == "method_changed"
        method = after.method("email")
        assert method is not None
        assert (method.source, method.destination) == (Source.SELF, "new")

    def test_an_unchanged_contact_is_confirmed_again_without_a_notice(self) -> None:
        """No version, no notice, the same rest and source. Its failures are cleared."""
        old = a_method("email", EMAIL, KEY, usable_from=at(hours=5), source=Source.ADMINISTRATOR)
        failures = {
            "reset:1:email": Failures(since=at(), count=9),
            "registration:0:email": Failures(since=at(), count=9),
            "reset:1:mobile_phone": Failures(since=at(), count=1),
        }
        new = replace(NEW, sealed=an_address(old.destination))
        after = confirm(a_person(methods=(old,), failures=failures), new)
        method = after.method("email")
        assert method is not None
        assert (method.confirmed_at, method.usable_from, method.source, method.set_at) == (
            MONDAY_MORNING, at(hours=5), Source.ADMINISTRATOR, old.set_at,
        )  # fmt: skip
        assert (after.version, after.notices) == (a_person().version, ())
        assert set(after.failures) == {"reset:1:mobile_phone"}

    def test_a_prefilled_contact_that_the_person_corrects_is_told(self) -> None:
        """It may be the right one (rule 13). Nobody had confirmed it, so no version is drawn."""
        prefilled = a_prefilled("email", EMAIL, KEY)
        after = confirm(a_person(methods=(prefilled,)))
        assert after.version == a_person().version
        assert [gone.sealed for gone in after.removed] == [prefilled.sealed]
        assert after.notices[0].template == "method_changed"
        method = after.method("email")
        assert method is not None
        assert method.source is Source.SELF

    def test_the_stored_secret_is_the_result_of_its_first_answer(self) -> None:
        """So that answer cannot be used again."""
        used = replace(an_app("a"), text="sealed, and used once")
        after = confirm(a_person(), NewMethod(sealed=an_app("a"), source=Source.SELF, label="phone"), proved=used)
        assert [(method.sealed, method.label) for method in after.methods] == [(used, "phone")]

    def test_a_further_secret_is_an_addition(self) -> None:
        """The others stay, no version is drawn, and no contact is kept as removed."""
        before = with_apps("a", "b")
        after = confirm(before, NewMethod(sealed=an_app("c"), source=Source.SELF))
        assert after.methods[:2] == before.methods
        assert [method.credential for method in after.methods] == ["a", "b", "c"]
        assert (after.version, after.removed) == (before.version, ())
        assert after.notices[0].template == "method_added"

    def test_a_replaced_secret_draws_a_version(self) -> None:
        """Only the named one is replaced. It is kept for three days, in which an objection can bring it back."""
        new = NewMethod(sealed=an_app("c"), source=Source.SELF, label="new phone", replaces="a")
        after = confirm(with_apps("a", "b"), new)
        assert [(method.credential, method.label) for method in after.methods] == [("b", "app b"), ("c", "new phone")]
        assert (after.version, [gone.label for gone in after.removed]) == ("new version", ["app a"])
        assert after.notices[0].template == "method_changed"


class TestRemoved:
    """The row after a method was removed."""

    def test_a_removed_contact_draws_a_version_and_causes_a_notice(self) -> None:
        """The notice goes to every address."""
        after = remove(a_person(email=EMAIL, mobile_phone=PHONE), "email")
        assert after.method("email") is None
        assert (after.version, after.notices[0].template) == ("version e", "method_removed")

    @pytest.mark.parametrize(("days", "kept"), [(29, 2), (30, 1)])
    def test_a_removed_contact_is_kept_for_thirty_days(self, days: int, kept: int) -> None:
        """After that, the next removal deletes it."""
        after = remove(a_person(email=EMAIL, mobile_phone=PHONE), "email")
        assert len(remove(after, "mobile_phone", event="f", now=at(days=days)).removed) == kept

    def test_an_unconfirmed_contact_is_removed_without_a_notice(self) -> None:
        """A pending contact and a prefilled one: no version, no notice."""
        person = begin(a_person(methods=(a_prefilled("email", EMAIL, KEY),)))
        after = remove(person, "email")
        assert (after.methods, after.pending, after.notices, after.version) == ((), (), (), person.version)
        with pytest.raises(InvalidInput):
            remove(after, "email")

    def test_of_several_secrets_only_the_named_one_is_removed(self) -> None:
        """It causes a notice, and is deleted after three days."""
        after = remove(with_apps("a", "b"), "authenticator_app", "a")
        assert [method.credential for method in after.methods] == ["b"]
        assert (after.version, after.notices[0].template) == ("version e", "method_removed")
        assert [len(forgotten(after, at(hours=hours)).removed) for hours in (71, 72)] == [1, 0]

    @pytest.mark.parametrize("credential", ["", "c"], ids=["no credential", "an unknown credential"])
    def test_a_secret_is_removed_by_its_credential_only(self, credential: str) -> None:
        """The name of the method alone identifies none."""
        with pytest.raises(InvalidInput):
            remove(with_apps("a", "b"), "authenticator_app", credential)

    def test_removing_a_secret_also_removes_its_pending_replacement(self) -> None:
        """A pending app that replaces no other stays pending."""
        replacing = begin_app(with_apps("a", "b"), replaces="a")
        assert remove(replacing, "authenticator_app", "a").pending == ()
        assert remove(replacing, "authenticator_app", "b").pending == replacing.pending
        adding = begin_app(with_apps("a", "b"))
        assert remove(adding, "authenticator_app", "a").pending == adding.pending
        assert remove(adding, "authenticator_app").pending == ()


def test_reconfirming_changes_confirmed_methods_only() -> None:
    """A prefilled contact stays unconfirmed, and a suspect method stays suspect: only an answer by it clears that."""
    suspect = a_method("mobile_phone", PHONE, KEY, suspect_at=at(days=-1), suspect_reason="bounced")
    others = (a_method("email", EMAIL, KEY), a_prefilled("office_phone", PHONE, KEY))
    after = reconfirmed(a_person(methods=(suspect, *others)), MONDAY_MORNING)
    assert [method.confirmed_at for method in after.methods] == [suspect.confirmed_at, MONDAY_MORNING, None]
    assert after.methods[0] == suspect


@pytest.mark.parametrize(
    ("old", "verdict", "changes"),
    [
        pytest.param((), "prefilled", True, id="nothing"),
        pytest.param((a_prefilled("email", "other@mail.example", KEY),), "prefilled", True, id="prefilled otherwise"),
        pytest.param((a_prefilled("email", EMAIL, KEY),), "unchanged", False, id="prefilled alike"),
        pytest.param((a_method("email", EMAIL, KEY),), "unchanged", False, id="confirmed alike"),
        pytest.param(
            (a_method("email", "other@mail.example", KEY),), "confirmed_by_person", False, id="confirmed otherwise"
        ),
    ],
)
def test_a_prefill_never_replaces_what_the_person_confirmed(
    old: tuple[RegisteredMethod, ...], verdict: str, changes: bool
) -> None:
    """Otherwise anybody with the administrator's file could take over the account (R-65)."""
    person = a_person(methods=old)
    after, said = prefilled(person, a_method("email", EMAIL, KEY).sealed, MONDAY_MORNING)
    assert said == verdict
    assert (after != person) is changes
    assert after.version == person.version
