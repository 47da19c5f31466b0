/**
 * Where the service lives, from `/config.json`, which the deployment and the local stack write. There is no other address:
 * a guess could send a password to a stranger.
 */

/** A request that hangs is given up after this time. */
const PATIENCE_MS = 4_000;

/** How long to wait before each further try. */
const WAITS_MS = [500, 1_000, 2_000, 4_000];

/** Resolves to the address. Rejects once every try has failed: only a reload helps then. */
export async function findService(waits: readonly number[] = WAITS_MS): Promise<string> {
  for (let tries = 0; ; tries++) {
    try {
      return baseFrom(await read());
    } catch (error) {
      const wait = waits[tries];
      if (wait === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

async function read(): Promise<unknown> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const response = await fetch("/config.json", { cache: "no-store", credentials: "omit", signal: patience.signal });
    return await response.json();
  } finally {
    clearTimeout(timer);
  }
}

/** Accepts an http(s) address only, and drops what follows the host's path: a wrong file must not send passwords to a `data:` or `javascript:` address. */
export function baseFrom(config: unknown): string {
  const api = typeof config === "object" && config !== null ? (config as Record<string, unknown>).api : undefined;
  if (typeof api !== "string") throw new Error("config.json names no service");
  const { protocol, origin, pathname } = new URL(api);
  if (protocol !== "https:" && protocol !== "http:") throw new Error("config.json names no web address");
  return origin + pathname.replace(/\/+$/, "");
}
