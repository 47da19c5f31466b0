import type { Client } from "../../api/client";
import { asked, type Way } from "../../methods/ways";
import { inSeconds } from "../../parts/CodeForm";
import type { Asked } from "./gate";

/** Asks for a method. What comes back is answered with its own token. `seconds`: how long that lives. */
export async function challenge(client: Client, token: string, { part, channel }: Way): Promise<{ asked: Asked; seconds: number }> {
  const given = await client.challenge({ verification_token: token, method: part.name, ...asked(channel) });
  return {
    asked: {
      token: given.verification_token,
      channel,
      readyAt: inSeconds(given.wait),
      endsAt: inSeconds(given.code_expires_in),
      challenge: given.challenge,
    },
    seconds: given.expires_in,
  };
}
