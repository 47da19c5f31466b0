import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { Problem, problemCodes } from "../src/api/problem";
import { duration, preferredLanguage, textsOf } from "../src/i18n";
import { explain } from "../src/i18n/explain";

describe("problem codes", () => {
  it("explains every code that the service can raise", () => {
    const tree = readFileSync(new URL("../../shared/domain/errors.py", import.meta.url), "utf8");
    const raised = [...tree.matchAll(/^ {4}code = "([a-z_]+)"$/gm)].map(([, code]) => code);
    expect(raised.length).toBeGreaterThan(5);
    expect(raised.filter((code) => !(problemCodes as readonly unknown[]).includes(code))).toEqual([]);
  });
});

describe.each(["en", "fr"] as const)("a limit in %s", async (name) => {
  const t = await textsOf(name);
  const limited = (...opens: string[]) => explain(t, new Problem("limited", { retryAfter: 90, opens }));

  it("counts down the wait, and names all that opens it and nothing that is new to this page", () => {
    vi.useFakeTimers({ now: 1_000 });
    expect(limited("time", "invented_later")).toMatchObject({ next: "", readyAt: 91_000 });
    for (const [way, said] of Object.entries(t.opens)) expect(limited("time", way).next).toBe(said);
    vi.useRealTimers();
  });

  it("has words for everything that the service names", () => {
    const tree = readFileSync(new URL("../../shared/domain/errors.py", import.meta.url), "utf8");
    const ways = [...tree.matchAll(/^ {4}[A-Z_]+ = "([a-z_]+)"$/gm)].map(([, way]) => way);
    // The page waits, and does the check, by itself.
    expect([...Object.keys(t.opens), "time", "bot_check"].sort()).toEqual(ways.sort());
  });
});

describe("the language at first", () => {
  it.each([
    [["fr-CA", "en"], "fr"],
    [["xx", "fr"], "fr"],
    [["EN-us"], "en"],
    [["en-XA", "fr"], "en-XA"],
    [["xx"], "en"],
    [[], "en"],
    [["constructor", "__proto__"], "en"],
  ] as const)("for a browser that wants %j is %s", (wanted, expected) => {
    expect(preferredLanguage(wanted)).toBe(expected);
  });
});

describe("a wait", () => {
  it.each([
    [1, "1 second"],
    [60, "60 seconds"],
    [121, "3 minutes"],
    [86_400, "24 hours"],
  ])("of %i s is never said shorter than it is: %s", (seconds, said) => {
    expect(duration(seconds, "en")).toBe(said);
  });
});
