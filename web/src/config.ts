/** Where the service lives. The deployment (or the local stack) writes `/config.json`; without it the service is behind our own origin. */
export async function apiBase(): Promise<string> {
  try {
    const response = await fetch("/config.json", { cache: "no-store", credentials: "omit" });
    return baseFrom(await response.json());
  } catch {
    return "";
  }
}

/** Accepts an http(s) address only, and drops what follows the host's path: a wrong file must not send passwords to a `data:` or `javascript:` address. */
export function baseFrom(config: unknown): string {
  const api = typeof config === "object" && config !== null ? (config as Record<string, unknown>).api : undefined;
  if (typeof api !== "string" || !URL.canParse(api)) return "";
  const { protocol, origin, pathname } = new URL(api);
  if (protocol !== "https:" && protocol !== "http:") return "";
  return origin + pathname.replace(/\/+$/, "");
}
