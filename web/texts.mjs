/**
 * Makes `generated/texts/` from the catalogues (shared/messages/*.json): for each language a module in which a text without
 * fields is a string and a text with fields is a function, and the types of both. A key, a field or a plural category that
 * differs between languages stops the build.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import MessageFormat from "@messageformat/core";
import compileModule from "@messageformat/core/compile-module.js";
import { parse } from "@messageformat/parser";

const FOLDER = new URL("../shared/messages/", import.meta.url);
const REFERENCE = "en";

/** Every catalogue by its language; English first, because the others are compared with it. */
export const catalogues = Object.fromEntries(
  readdirSync(FOLDER)
    .filter((file) => /^[a-z]{2}\.json$/.test(file))
    .map((file) => file.slice(0, 2))
    .sort((one, other) => Number(other === REFERENCE) - Number(one === REFERENCE) || one.localeCompare(other))
    .map((language) => [language, JSON.parse(readFileSync(new URL(`${language}.json`, FOLDER), "utf8"))]),
);

/** Every text of a catalogue by its path, such as "pages.reset.choose.first". */
export function texts(node, path = "") {
  if (typeof node !== "object" || node === null) return { [path]: node };
  return Object.assign({}, ...Object.entries(node).map(([key, value]) => texts(value, path === "" ? key : `${path}.${key}`)));
}

/** The fields of a text, with the plural categories that it names for each; none for a field that is only filled in. */
export function fields(text) {
  const found = {};
  const visit = (tokens) => {
    for (const token of tokens) {
      if (!("arg" in token)) continue;
      found[token.arg] ??= [];
      for (const { key, tokens: inner } of token.cases ?? []) {
        if (token.type === "plural") found[token.arg].push(key);
        visit(inner);
      }
    }
  };
  visit(parse(text));
  return found;
}

/** What is wrong with the catalogue of a language, as sentences; `reference` is the English one. */
export function faults(language, catalogue, reference) {
  const model = texts(reference);
  const own = texts(catalogue);
  const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  return [
    ...Object.keys(model).filter((path) => !(path in own)).map((path) => `${path} is missing`),
    ...Object.entries(own).flatMap(([path, text]) => [...faultsOf(path, text, model[path], categories)]),
  ];
}

function* faultsOf(path, text, model, categories) {
  if (model === undefined) return yield `${path} is not in ${REFERENCE}.json`;
  if (typeof text !== "string" || text === "" || text.trim() !== text) return yield `${path} is empty, or has blanks around it`;
  if (/'[{}]/.test(text)) yield `${path} has an apostrophe before a brace, which hides a field: write ’ there`;
  let used;
  try {
    used = fields(text);
  } catch (error) {
    return yield `${path} cannot be read: ${error.message.split("\n")[0]}`;
  }
  const wanted = Object.keys(fields(model)).sort().join(", ");
  if (Object.keys(used).sort().join(", ") !== wanted) yield `${path} must have these fields: ${wanted || "none"}`;
  for (const [field, cases] of Object.entries(used).filter(([, named]) => named.length > 0)) {
    const lacking = categories.filter((category) => !cases.includes(category));
    const unknown = cases.filter((named) => !/^=?\d+$/.test(named) && !categories.includes(named));
    if (lacking.length > 0) yield `${path}: the plural of ${field} lacks ${lacking.join(", ")}`;
    if (unknown.length > 0) yield `${path}: the language has no plural category ${unknown.join(", ")}`;
  }
}

/** The texts that a page has: its own, and those of problems and their reasons, which the service says too. Only the service tells why. */
const shown = ({ pages, problems, reasons }) => ({ ...pages, problem: Object.fromEntries(Object.entries(problems).map(briefly)), reason: reasons });
const briefly = ([code, { why: _, ...said }]) => [code, said];

/** A text without fields is a string. The others are functions, compiled beforehand, so that no page reads a pattern. */
function moduleOf(language, catalogue) {
  const compiler = new MessageFormat(language);
  const functions = {};
  const object = (node, path) =>
    `{${Object.entries(node)
      .map(([key, value]) => {
        const own = [...path, key];
        if (typeof value === "object") return `${JSON.stringify(key)}:${object(value, own)}`;
        if (Object.keys(fields(value)).length === 0) return `${JSON.stringify(key)}:${JSON.stringify(compiler.compile(value)({}))}`;
        const id = `_${own.join("_")}`;
        functions[id] = value;
        return `${JSON.stringify(key)}:${id}`;
      })
      .join(",\n")}}`;
  const body = object(shown(catalogue), []);
  const compiled = compileModule(compiler, functions).replace("export default {", "const compiled = {");
  return `${compiled}\nconst {${Object.keys(functions).join()}} = compiled;\nexport const texts = ${body};\n`;
}

function typeOf(node) {
  if (typeof node === "object") {
    return `{ ${Object.entries(node).map(([key, value]) => `${JSON.stringify(key)}: ${typeOf(value)}`).join("; ")} }`;
  }
  const used = Object.entries(fields(node));
  if (used.length === 0) return "string";
  return `(fields: { ${used.map(([field, cases]) => `${field}: ${cases.length > 0 ? "number" : "string"}`).join("; ")} }) => string`;
}

function write() {
  const wrong = Object.entries(catalogues).flatMap(([language, catalogue]) =>
    faults(language, catalogue, catalogues[REFERENCE]).map((fault) => `shared/messages/${language}.json: ${fault}`),
  );
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  const folder = new URL("generated/texts/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const put = (name, content) => writeFileSync(new URL(name, folder), `// Made by texts.mjs from shared/messages/.\n${content}`);
  const listed = Object.entries(catalogues).map(
    ([language, { name }]) => `${language}: { name: ${JSON.stringify(name)}, load: () => import("./${language}.js") }`,
  );
  for (const [language, catalogue] of Object.entries(catalogues)) {
    put(`${language}.js`, moduleOf(language, catalogue));
    put(`${language}.d.ts`, `import type { Texts } from "./index";\nexport const texts: Texts;\n`);
  }
  put("index.js", `export const languages = {\n  ${listed.join(",\n  ")},\n};\n`);
  put(
    "index.d.ts",
    `export interface Texts ${typeOf(shown(catalogues[REFERENCE]))}
export type Language = ${Object.keys(catalogues).map((language) => JSON.stringify(language)).join(" | ")};
export const languages: Record<Language, { name: string; load: () => Promise<{ texts: Texts }> }>;
`,
  );
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  try {
    write();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
