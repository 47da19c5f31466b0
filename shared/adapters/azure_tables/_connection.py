"""One HTTP/1.1 connection with one exchange at a time: asyncio transfers the bytes, h11 implements the protocol.

A response must never be returned for another request. A connection is therefore closed and not used again after
anything unexpected: bytes that no request asked for, a cancelled exchange, a truncated response.
"""

import asyncio
from typing import Final, NamedTuple

import h11
from azure.core.exceptions import ServiceRequestError, ServiceResponseError, ServiceResponseTimeoutError

LARGEST_BODY: Final = 32 * 1024 * 1024
"""Maximum size of a response in bytes. A query page has at most a thousand rows; our largest page is under 10 MB."""


class Question(NamedTuple):
    """A request in the form in which it is sent."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes


class Answer(NamedTuple):
    """A complete response."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


class Connection(asyncio.Protocol):
    """An `asyncio.Protocol` instead of a pair of streams, because it is notified of events while nobody is reading."""

    def __init__(self) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.has_heard = False
        """Whether a byte of the response to the latest request has arrived."""
        self._http = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._news = asyncio.Event()
        self._is_asking = False
        self._is_over = False

    @property
    def is_free(self) -> bool:
        """Whether another request can be sent."""
        return not self._is_asking and not self._is_over

    def close(self) -> None:
        """Close the connection at once. A caller that waits for a response gets an exception."""
        self._is_over = True
        self._news.set()
        if self._transport is not None:
            self._transport.abort()

    async def exchange(self, question: Question, *, seconds: float) -> Answer:
        """Send a request and wait for the complete response.

        Raises:
            ServiceRequestError: nothing was sent.
            ServiceResponseError: the request was sent, but no complete response arrived.
            ServiceResponseTimeoutError: no complete response arrived within the timeout (a ServiceResponseError).
        """
        self._is_asking, self.has_heard = True, False
        try:
            self._ask(question)
            async with asyncio.timeout(seconds):
                answer = await self._answer()
            if self._http.trailing_data[0] or self._http.their_state is not h11.DONE:
                self.close()  # a second response to one request, or the server closes the connection
            else:
                self._http.start_next_cycle()
        except TimeoutError as late:
            self.close()
            raise ServiceResponseTimeoutError(f"no answer within {seconds} s", error=late) from late
        except h11.RemoteProtocolError as garbage:
            self.close()
            raise ServiceResponseError(f"not an answer: {garbage}", error=garbage) from garbage
        except BaseException:  # also on cancellation: the late response would be taken for the next one
            self.close()
            raise
        self._is_asking = False
        return answer

    def _ask(self, question: Question) -> None:
        if self._transport is None or self._is_over:
            raise ServiceRequestError("the connection is closed")
        try:
            request = h11.Request(method=question.method, target=question.target, headers=question.headers)
            parts = [self._http.send(request)]
            if question.body:
                parts.append(self._http.send(h11.Data(data=question.body)))
            parts.append(self._http.send(h11.EndOfMessage()))
        except (h11.LocalProtocolError, UnicodeEncodeError) as unfit:  # a line break in a header, or a space in the URL
            raise ServiceRequestError(f"not a request: {unfit}", error=unfit) from unfit
        # The write does not wait for a full send buffer: rows are small, and the response timeout includes the sending.
        self._transport.write(b"".join(part for part in parts if part))

    async def _answer(self) -> Answer:
        head: h11.Response | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                await self._more()
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > LARGEST_BODY:
                    raise ServiceResponseError("an answer larger than any of ours")
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]
                return Answer(head.status_code, bytes(head.reason).decode("latin-1"), headers, bytes(body))
            elif not isinstance(event, h11.InformationalResponse):
                raise ServiceResponseError("not the course that an answer takes")

    async def _more(self) -> None:
        # The end of a connection never ends a body. Otherwise a truncated response would look complete.
        if self._is_over:
            raise ServiceResponseError("the connection was closed before the end of the answer")
        self._news.clear()
        await self._news.wait()

    # -- called by asyncio --

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  for mypy: create_connection makes no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._is_asking:  # a 408 or a second response, which must not be used for the next request
            self.close()
            return
        self.has_heard = True
        self._http.receive_data(data)
        self._news.set()

    def eof_received(self) -> None:
        self._is_over = True
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  why it ended makes no difference
        self._is_over = True
        self._news.set()
        if not self.lost.done():
            self.lost.set_result(None)
