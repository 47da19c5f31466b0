"""Query pages that are shorter than a client expects.

Microsoft Learn, "Query timeout and pagination": a query returns at most 1,000 items and runs for at most 5 s; it also
ends early when it crosses a partition boundary. So a page may have any number of items, and it may have none and still
have a continuation header. A client that reads pages of one item, with empty ones between them, can read any other.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from local.strict_store.errors import JSON
from local.strict_store.wire import Answer, Request

MOST_ITEMS = 1000
START = "start"
"""A continuation that leads to the first page. It follows an empty page."""
RESUMED = "resumed."


@dataclass(slots=True)
class Pages:
    """How to cut pages: `size` items at most, and an empty page before each if `with_empty`."""

    size: int = MOST_ITEMS
    with_empty: bool = False

    def cut(self, request: Request) -> Request | Answer:
        """Return the request for a page that is short enough, or an empty page."""
        if self.size == MOST_ITEMS and not self.with_empty:
            return request
        options = dict(parse_qsl(request.query, keep_blank_values=True))
        token_name = "NextTableName" if request.path.endswith("/Tables") else "NextPartitionKey"
        token = options.get(token_name, START)
        if self.with_empty and not token.startswith(RESUMED):
            return _empty_page(token_name, RESUMED + token, options.get("NextRowKey"))
        token = token.removeprefix(RESUMED)
        options = {name: value for name, value in options.items() if name != token_name}
        if token != START:
            options[token_name] = token
        options["$top"] = str(min(self.size, int(options.get("$top", MOST_ITEMS))))
        return request.asking(urlencode(options, quote_via=quote))


def _empty_page(token_name: str, token: str, row_key: str | None) -> Answer:
    headers = {"Content-Type": JSON, f"x-ms-continuation-{token_name}": token}
    if row_key is not None:
        headers["x-ms-continuation-NextRowKey"] = row_key
    return Answer.of(200, headers, b'{"value":[]}')
