"""Record that a person answered a text with STOP or START."""

from dataclasses import dataclass

from shared.domain.clocks import believable
from shared.domain.reachability import Reply
from shared.domain.trail import Tag, Trail
from shared.ports.clock import Clock
from shared.ports.opt_outs import OptOuts
from shared.usecases._sealing import Sealing


@dataclass(frozen=True, slots=True)
class NoteReply:
    """Finds no account, because a reply names none: the number's own entry decides about all that is texted there."""

    clock: Clock
    opt_outs: OptOuts
    sealing: Sealing

    async def __call__(self, reply: Reply, trail: Trail) -> None:
        """Record it, with an event for administrators if it changes what stands.

        Raises StoreLost; the queue repeats the reply.
        """
        destination = self.sealing.destination(reply.contact.canonical)
        at = believable(reply.at, self.clock.now())
        if await self.opt_outs.note(destination, opted_out=reply.opts_out, at=at):
            tag = Tag.NUMBER_OPTED_OUT if reply.opts_out else Tag.NUMBER_OPTED_IN
            trail.record(tag, self.clock.now(), cause="reply")
