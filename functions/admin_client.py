"""HTTP: show an administrator which client address the service sees."""

import azure.functions as func

from functions._function import endpoint
from functions._http import Call
from shared.domain.roles import Right
from shared.validation.model import Answer

bp = func.Blueprint()


class ClientAnswer(Answer):
    """What this request is counted by. Compare it with the public address of your network."""

    client: str
    """An IPv4 address, or an IPv6 network of 64 bits. Empty if no address could be read: all such clients are one."""
    network: str
    """The network of `networks` in the policy to which it belongs. Empty if none."""


@endpoint(bp, "GET", "v1/admin/client", needs=Right.VIEW_CLIENT)
async def admin_client(call: Call) -> ClientAnswer:
    """Show which client address the service sees, to check the trusted proxies."""
    from shared.usecases.view_client import ViewClient

    seen = await call.service.use(ViewClient)(call.bearer, call.client, call.trail)
    return ClientAnswer(client=seen.client, network=seen.network)
