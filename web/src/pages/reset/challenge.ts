import type { Client } from "../../api/client";
import type { MethodPart } from "../../methods/part";
import { readyIn } from "../../parts/CodeForm";
import type { Asked } from "./gate";

/** Asks for a method. What comes back replaces the token of the gate. */
export async function challenge(client: Client, token: string, part: MethodPart): Promise<{ token: string; asked: Asked }> {
  const channel = part.family === "sent_code" && part.channel !== undefined ? { channel: part.channel } : {};
  const given = await client.challenge({ verification_token: token, method: part.name, ...channel });
  return { token: given.verification_token, asked: { part, readyAt: readyIn(given.wait), challenge: given.challenge } };
}
