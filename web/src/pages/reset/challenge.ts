import type { Client } from "../../api/client";
import type { MethodPart } from "../../methods/part";
import { inSeconds } from "../../parts/CodeForm";
import type { Asked } from "./gate";

/** Asks for a method. What comes back is answered with its own token. `seconds`: how long that lives. */
export async function challenge(client: Client, token: string, part: MethodPart): Promise<{ asked: Asked; seconds: number }> {
  const channel = part.family === "sent_code" && part.channel !== undefined ? { channel: part.channel } : {};
  const given = await client.challenge({ verification_token: token, method: part.name, ...channel });
  return {
    asked: {
      token: given.verification_token,
      readyAt: inSeconds(given.wait),
      endsAt: inSeconds(given.code_expires_in),
      challenge: given.challenge,
    },
    seconds: given.expires_in,
  };
}
