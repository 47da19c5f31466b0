import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { texts as pseudo } from "../src/i18n/pseudo";
import { catalogues, faults, fields, texts } from "../texts.mjs";

const english = catalogues.en ?? {};
const all = Object.entries(catalogues).map(([language, catalogue]) => [language, texts(catalogue)] as const);
/** What the pages show; messages are also sent as text messages, which have no typographic signs. */
const shown = (own: Record<string, string>) => Object.entries(own).filter(([path]) => !path.startsWith("messages."));

describe.each(all)("the catalogue %s", (language, own) => {
  it("has the keys, the fields and the plural categories that it must have", () => {
    expect(faults(language, catalogues[language] ?? {}, english)).toEqual([]);
  });

  it("is translated: no sentence is left in English", () => {
    const model = texts(english);
    expect(Object.keys(own).filter((path) => language !== "en" && /[a-z] [a-z]/i.test(own[path] ?? "") && own[path] === model[path])).toEqual([]);
  });

  it("writes typographic apostrophes, as pages are meant to be read", () => {
    expect(shown(own).filter(([, said]) => said.includes("'"))).toEqual([]);
  });
});

it("French keeps double punctuation on the line of its word with a no-break space", () => {
  const loose = shown(texts(catalogues.fr ?? {})).filter(([, said]) => /[^\u00a0\u202f][;?!]|[^\u00a0\u202f]:(\s|$)/.test(said));
  expect(loose).toEqual([]);
});

describe("the check of a catalogue", () => {
  const model = { a: "Wait {wait}.", b: { c: "{left, plural, one {# try} other {# tries}}" } };
  it.each([
    ["fr", { a: "{wait} !" }, "b.c is missing"],
    ["fr", { ...model, b: { c: "{left, plural, one {#} other {#}}" } }, "b.c: the plural of left lacks many"],
    ["en", { ...model, b: { c: "{left, plural, one {#} few {#} other {#}}" } }, "b.c: the language has no plural category few"],
    ["en", { ...model, d: "more" }, "d is not in en.json"],
    ["en", { ...model, a: "Wait." }, "a must have these fields: wait"],
    ["en", { ...model, a: "Wait {Wait}." }, "a must have these fields: wait"],
    ["en", { ...model, a: "" }, "a is empty, or has blanks around it"],
    ["en", { ...model, a: "Wait '{wait}'." }, "a has an apostrophe before a brace, which hides a field: write ’ there"],
    ["en", { ...model, a: "Wait {wait" }, /^a cannot be read: /],
  ])("finds in %s %j: %s", (language, catalogue, fault) => {
    expect(faults(language, catalogue, model)).toContainEqual(typeof fault === "string" ? fault : expect.stringMatching(fault));
  });
});

describe("the pages", () => {
  const folder = fileURLToPath(new URL("../", import.meta.url));
  const files = readdirSync(`${folder}src`, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
  const program = ts.createProgram(
    files.map((file) => `${folder}src/${file}`),
    { ...ts.parseJsonConfigFileContent(ts.readConfigFile(`${folder}tsconfig.json`, ts.sys.readFile).config, ts.sys, folder).options },
  );
  const sources = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${folder}src/`) && !fileName.includes("/i18n/pseudo"));
  const nodes = (root: ts.Node): ts.Node[] => [root, ...root.getChildren().flatMap(nodes)];

  it("use every text of the catalogue", () => {
    const checker = program.getTypeChecker();
    const types = program.getSourceFile(`${folder}generated/texts/index.d.ts`);
    const used = new Set<ts.Node>();
    for (const node of sources.flatMap(nodes)) {
      if (!ts.isPropertyAccessExpression(node) && !ts.isBindingElement(node)) continue;
      // Of `t.reset.choose.first`, the last name counts; what is passed on whole, or read by a key, counts with all in it.
      if (ts.isPropertyAccessExpression(node) && ts.isPropertyAccessExpression(node.parent) && node.parent.expression === node) continue;
      for (const declared of checker.getSymbolAtLocation(node.name)?.declarations ?? []) if (declared.getSourceFile() === types) used.add(declared);
    }
    const unused = (node: ts.Node, path: string): string[] => {
      if (!ts.isPropertySignature(node)) return node.getChildren().flatMap((child) => unused(child, path));
      const own = `${path}.${node.name.getText().slice(1, -1)}`;
      if (used.has(node)) return [];
      return node.type && ts.isTypeLiteralNode(node.type) ? unused(node.type, own) : [own];
    };
    const declared = types?.statements.find(ts.isInterfaceDeclaration);
    expect(declared?.members.length).toBeGreaterThan(20);
    expect(declared?.members.flatMap((member) => unused(member, ""))).toEqual([]);
  }, 60_000);

  it("have no text of their own", () => {
    const attributes = /^(aria-(label|description|roledescription|valuetext)|title|alt|placeholder|label)$/;
    const own = sources.flatMap(nodes).filter((node) => {
      if (ts.isJsxText(node)) return /\p{L}/u.test(node.text);
      if (!ts.isStringLiteralLike(node) && !ts.isTemplateHead(node)) return false;
      const holder = node.parent;
      if (ts.isJsxAttribute(holder)) return attributes.test(holder.name.getText()) && /\p{L}/u.test(node.text);
      const thrown = ts.isNewExpression(holder) && holder.expression.getText() === "Error";
      // A sentence: a capital and a second word, or a full stop at the end.
      return /^\p{Lu}\p{L}* \p{L}|\p{L}[.?!…]$/u.test(node.text) && !thrown;
    });
    expect(own.map((node) => `${node.getSourceFile().fileName.slice(folder.length)}: ${node.getText()}`)).toEqual([]);
  });
});

describe("the pseudo-locale", () => {
  const said = (node: unknown): [string, number][] => {
    if (typeof node === "string") return [[node, 0]];
    if (typeof node === "function") return [[(node as (fields: object) => string)(new Proxy({}, { ownKeys: () => [], get: () => 7 })), 0]];
    return Object.values(node as object).flatMap(said);
  };

  it("is longer, in brackets and without a letter of English", () => {
    const wrong = said(pseudo).filter(([text]) => !/^\[.*\]$/su.test(text) || /[A-Za-z]/.test(text.replaceAll("undefined", "")));
    expect(wrong).toEqual([]);
    expect(pseudo.back.length).toBeGreaterThan(1.4 * (english.pages as { back: string }).back.length);
  });

  it("leaves what a text is filled in with as it is", () => {
    expect(pseudo.bind.codeSent({ contact: "camille@example.com" })).toMatch(/^\[Ŵé.* camille@example\.com\..*\]$/u);
  });

  it("knows the fields of a text", () => {
    expect(fields("{left, plural, one {# of {all}} other {#}}")).toEqual({ left: ["one", "other"], all: [] });
  });
});
