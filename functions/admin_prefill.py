"""HTTP: prefill contacts, for an administrator."""

from typing import Annotated, Any, Final, Literal

import azure.functions as func
from pydantic import Field, create_model

from functions._function import Role, endpoint
from functions._http import Call
from shared.methods import ALL, SentCodeMethod
from shared.validation.model import Answer, Request

bp = func.Blueprint()

CONTACTS: Final = tuple(name for name, method in ALL.items() if isinstance(method, SentCodeMethod))
"""The methods for which a contact can be supplied. Each is one column."""

Contact = Annotated[str, Field(max_length=320)]


class Row(Request):
    """One person's contacts, as an administrator knows them."""

    # Sizes only: a value that is not valid is refused in the row's verdict and stops no other row.
    identifier: Annotated[str, Field(max_length=1024)]
    language: Annotated[str, Field(max_length=16, examples=["en", "fr"])] | None = None

    @property
    def contacts(self) -> dict[str, str]:
        """The contacts that were given, by method name."""
        return {name: text for name in CONTACTS if (text := getattr(self, name)) is not None}


COLUMNS: dict[str, Any] = dict.fromkeys(CONTACTS, (Contact | None, None))
PrefillRowRequest = create_model("PrefillRowRequest", __base__=Row, __doc__=Row.__doc__, **COLUMNS)


class PrefillRequest(Request):
    """Many people's contacts; `dry_run` judges and writes nothing."""

    rows: Annotated[list[PrefillRowRequest], Field(min_length=1, max_length=5000)]  # type: ignore[valid-type]  # its columns come from the registry
    dry_run: bool = False


class VerdictAnswer(Answer):
    """What became of one row, numbered from 1; `code` says why not all of it was taken."""

    row: int
    identifier: str
    verdict: Literal["prefilled", "unchanged", "refused"]
    code: str | None


class PrefillAnswer(Answer):
    """A verdict for each row, in order."""

    verdicts: tuple[VerdictAnswer, ...]


@endpoint(bp, "POST", "v1/admin/prefill", role=Role.ADMINISTRATOR, body_kib=lambda policy: policy.prefill_body_kib)
async def admin_prefill(call: Call, body: PrefillRequest) -> PrefillAnswer:
    """Prefill one person or thousands; a verdict for each row."""
    from shared.usecases.prefill import Prefill, PrefillRow

    given: list[Row] = body.rows
    rows = [PrefillRow(identifier=row.identifier, contacts=row.contacts, language=row.language) for row in given]
    verdicts = await call.service.use(Prefill)(call.bearer, rows, call.trail, dry_run=body.dry_run)
    return PrefillAnswer(verdicts=tuple(VerdictAnswer.of(verdict) for verdict in verdicts))
