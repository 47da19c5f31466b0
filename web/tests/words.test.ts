import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Problem, problemCodes } from "../src/api/problem";
import { languages, preferredLanguage, duration } from "../src/i18n";
import { explain } from "../src/i18n/explain";

type Leaf = [path: string, words: unknown];

/** Every text of a language, by its path; functions are called with a stand-in so that what they say is looked at too. */
function leaves(node: unknown, path = ""): Leaf[] {
  if (typeof node === "function") return [[path, (node as (...given: string[]) => string)("X", "Y")]];
  if (typeof node !== "object" || node === null) return [[path, node]];
  return Object.entries(node).flatMap(([key, value]) => leaves(value, path === "" ? key : `${path}.${key}`));
}

const texts = Object.entries(languages).map(([name, language]) => [name, leaves(language.texts)] as const);
const reference = leaves(languages.en.texts).map(([path]) => path);

describe.each(texts)("the words in %s", (name, words) => {
  it("has exactly the keys of English: the compiler finds a missing key, this finds a forgotten one", () => {
    expect(words.map(([path]) => path).sort()).toEqual([...reference].sort());
  });

  it("leaves no text empty or untrimmed", () => {
    expect(words.filter(([, said]) => typeof said !== "string" || said === "" || said.trim() !== said)).toEqual([]);
  });

  it("is translated: a sentence is never left in English", () => {
    const english = new Map(leaves(languages.en.texts));
    const same = words.filter(([path, said]) => name !== "en" && String(said).includes(" ") && !String(said).includes("·") && english.get(path) === said);
    expect(same).toEqual([]);
  });

  it("writes typographic apostrophes, as the pages are meant to be read", () => {
    expect(words.filter(([, said]) => String(said).includes("'"))).toEqual([]);
  });
});

describe("French", () => {
  it("keeps double punctuation on the line of its word with a no-break space", () => {
    const loose = leaves(languages.fr.texts).filter(([, said]) => /[^\u00a0\u202f][;?!]|[^\u00a0\u202f]:(\s|$)/.test(String(said)));
    expect(loose).toEqual([]);
  });
});

describe("problem codes", () => {
  it("explains every code that the service can raise", () => {
    const tree = readFileSync(new URL("../../shared/domain/errors.py", import.meta.url), "utf8");
    const raised = [...tree.matchAll(/^ {4}code = "([a-z_]+)"$/gm)].map(([, code]) => code);
    expect(raised.length).toBeGreaterThan(5);
    expect(raised.filter((code) => !(problemCodes as readonly unknown[]).includes(code))).toEqual([]);
  });
});

describe.each(["en", "fr"] as const)("a limit in %s", (name) => {
  const { texts: t } = languages[name];
  const next = (...opens: string[]) => explain(t, name, new Problem("limited", { retryAfter: 90, opens })).next;

  it("names the wait and all that opens it, and nothing that is new to this page", () => {
    const wait = t.limitedFor(duration(90, name));
    expect(next("time", "invented_later")).toBe(wait);
    for (const [way, said] of Object.entries(t.opens)) expect(next("time", way)).toBe(`${wait} ${said}`);
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
    [["de", "fr"], "fr"],
    [["EN-us"], "en"],
    [["de"], "en"],
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
