/** The challenge of the service, in the form of ALTCHA's protocol, version 2. */
export interface BotCheckChallenge {
  parameters: {
    algorithm: string;
    nonce: string;
    salt: string;
    cost: number;
    keyLength: number;
    keyPrefix: string;
    memoryCost: number;
    parallelism: number;
    data: { tries: number };
  };
  signature: string;
}

/** Reads it from a problem document. `undefined` for a form that this page cannot solve. */
export function challengeFrom(value: unknown): BotCheckChallenge | undefined {
  const given = value as Partial<BotCheckChallenge> | null | undefined;
  return given?.parameters?.algorithm === "ARGON2ID" && given.parameters.data?.tries > 0 ? (given as BotCheckChallenge) : undefined;
}

/** What the worker says: how many numbers it has tried, or the one that it found. */
export type Said = { tried: number } | { counter: number; derivedKey: string };

/** What the request carries: the challenge as it came, and the solution. */
export const payload = (challenge: BotCheckChallenge, counter: number, derivedKey: string): string =>
  btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
