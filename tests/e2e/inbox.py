"""The codes that came to an address or a number, as the stand-in for the provider accepted them."""

import asyncio
import re

from tests.e2e.journeys import CODE, FetchCode
from tests.stack import Stack


def newest_code(stack: Stack, address: str, form: re.Pattern[str] = CODE) -> FetchCode:
    """Wait for a code of that form to this address that is newer than the start of the wait."""
    before = len(codes(stack, address, form))

    async def fetch() -> str:
        nonlocal before
        for _ in range(400):
            if len(found := await asyncio.to_thread(codes, stack, address, form)) > before:
                before = len(found)
                return found[-1]
            await asyncio.sleep(0.05)
        raise AssertionError(f"no code came to {address}:\n{stack.messages()}")

    return fetch


def codes(stack: Stack, address: str, form: re.Pattern[str] = CODE) -> list[str]:
    texts = [message["text"] for message in stack.messages(to=address)]
    return [found[0] for text in texts if (found := form.search(text))]
