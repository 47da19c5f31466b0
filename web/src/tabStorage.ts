/** The `sessionStorage` of this tab: it survives a reload, and a phone that throws the tab away. Never a password or a code. */

const key = (name: string): string => `sesame-${name}`;

/** What is not written survives no reload; a browser that blocks storage must not stop the journey. */
export function save(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(key(name), JSON.stringify(value));
  } catch {
    // Blocked or full.
  }
}

export function load<T>(name: string): T | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(key(name)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** What a person leaves behind who signs out. The language stays: it is nobody's. */
export function forgetAll(): void {
  for (const name of ["session", "register", "reset", "password", "notMe", "returnTo"]) forget(name);
}

export function forget(name: string): void {
  try {
    sessionStorage.removeItem(key(name));
  } catch {
    // Blocked: nothing was written.
  }
}
