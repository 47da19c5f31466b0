/** Holds every call of the pages and of their libraries to the oldest browsers, by MDN's data: a newer one breaks the page there. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import ts from "typescript";
import type { CompatStatement, Identifier, SimpleSupportStatement } from "@mdn/browser-compat-data";
import { beforeAll, describe, expect, it } from "vitest";
import { OLDEST, TARGET } from "../browsers";

type Node = Identifier | undefined;

const root = new URL("..", import.meta.url).pathname;

// Parsed here: as a module, its 20 MB would take ten seconds.
const bcd = JSON.parse(readFileSync(`${root}node_modules/@mdn/browser-compat-data/data.json`, "utf8")) as Node;

/** What the pages look for before they use it, and do without. */
const GUARDED = new Set([
  "api.Navigator.clipboard",
  "api.Clipboard.writeText",
  "api.TrustedTypePolicyFactory.createPolicy",
  "api.Window.print",
  "javascript.builtins.Intl.supportedValuesOf",
]);

const entry = (path: string): CompatStatement | undefined =>
  (path.split(".").reduce<Node>((node, name) => node?.[name] as Node, bcd) as Node)?.__compat;

/** Where MDN's data has the member of a type: under the interface, one that it inherits from, or the global object. */
function places(owners: readonly string[], member: string): string[] {
  return owners.flatMap((owner) => {
    const name = owner.replace(/Constructor$/, "");
    const own = [`api.${name}.${member}`, `api.${name}.${member}_static`, `javascript.builtins.${name}.${member}`];
    return name.startsWith("Intl.") ? [`javascript.builtins.${name}.${member}`] : own;
  });
}

function missing(path: string): string[] {
  const support = entry(path)?.support;
  if (support === undefined || GUARDED.has(path)) return [];
  return Object.entries(OLDEST).flatMap(([browser, oldest]) => {
    const given = support[browser as keyof typeof support];
    const [newest] = (Array.isArray(given) ? given : [given]) as [SimpleSupportStatement | undefined];
    if (newest === undefined) return [];
    const added = String(newest.version_added).replace("≤", "");
    const there = newest.version_added !== false && newest.version_added !== "preview" && !newest.flags && Number.parseFloat(added) <= Number.parseFloat(oldest);
    return there ? [] : [`${path}: ${browser} ${added}`];
  });
}

function used(program: ts.Program, files: ReadonlySet<string>): Set<string> {
  const checker = program.getTypeChecker();
  const found = new Set<string>();
  const add = (paths: string[]) => {
    const known = paths.find((path) => entry(path));
    if (known) found.add(known);
  };
  const owners = (type: ts.Type, seen = new Set<string>()): string[] => {
    if (type.isUnionOrIntersection()) return type.types.flatMap((one) => owners(one, seen));
    const real = checker.getApparentType(type);
    const symbol = real.getSymbol();
    const name = symbol && checker.getFullyQualifiedName(symbol);
    if (name === undefined || seen.has(name)) return [];
    seen.add(name);
    return [name, ...(real.isClassOrInterface() ? (real.getBaseTypes() ?? []) : (real.getBaseTypes?.() ?? [])).flatMap((base) => owners(base, seen))];
  };
  const fromLibrary = (symbol: ts.Symbol | undefined) =>
    symbol?.declarations?.some((one) => program.isSourceFileDefaultLibrary(one.getSourceFile())) ?? false;
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const member = node.name.text;
      const symbol = checker.getSymbolAtLocation(node.name);
      const statics = ts.isIdentifier(node.expression) && fromLibrary(checker.getSymbolAtLocation(node.expression)) ? [node.expression.text] : [];
      if (statics.length > 0 || fromLibrary(symbol)) {
        const named = ts.isPropertyAccessExpression(node.expression) ? [node.expression.getText()] : [];
        add(places([...statics, ...named, ...owners(checker.getTypeAtLocation(node.expression))], member));
      }
    } else if (ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node.parent) && fromLibrary(checker.getSymbolAtLocation(node))) {
      add([`api.${node.text}`, `api.Window.${node.text}`, `javascript.builtins.${node.text}`]);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of program.getSourceFiles()) if (files.has(file.fileName)) visit(file);
  return found;
}

function check(paths: string[], virtual?: string): Set<string> {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const all: ts.CompilerOptions = { ...options, allowJs: true, checkJs: false, types: ["vite/client"], typeRoots: [`${root}node_modules/@types`] };
  const host = ts.createCompilerHost(all);
  const read = host.readFile.bind(host);
  if (virtual !== undefined) {
    const exists = host.fileExists.bind(host);
    host.fileExists = (name) => name.endsWith("planted.ts") || exists(name);
    host.readFile = (name) => (name.endsWith("planted.ts") ? virtual : read(name));
  }
  return used(ts.createProgram(paths, all, host), new Set(paths));
}

const bundled = (): string[] => {
  const require = createRequire(import.meta.url);
  const own = ts.sys.readDirectory(`${root}src`, [".ts", ".tsx"]);
  const modules = ["preact/dist/preact.mjs", "preact/hooks/dist/hooks.mjs", "preact/jsx-runtime/dist/jsxRuntime.mjs", "hash-wasm/dist/index.esm.js"];
  const libraries = modules.map((name) => `${root}node_modules/${name}`).concat(require.resolve("lean-qr").replace(/\.js$/, ".mjs"));
  return [...own, ...libraries.filter((name) => ts.sys.fileExists(name))];
};

describe("the oldest browsers", () => {
  let calls: Set<string>;
  beforeAll(() => {
    calls = check(bundled());
  });

  it("have everything that the pages and their libraries call", () => {
    expect(calls.size).toBeGreaterThan(60);
    expect([...calls].flatMap(missing)).toEqual([]);
  });

  it("lack what is newer, and the check sees it", () => {
    const newer = {
      "URL.canParse('x')": "api.URL.canParse_static",
      "AbortSignal.any([])": "api.AbortSignal.any_static",
      "Promise.withResolvers()": "javascript.builtins.Promise.withResolvers",
      "[1].toSorted()": "javascript.builtins.Array.toSorted",
      "document.body.checkVisibility()": "api.Element.checkVisibility",
      "structuredClone(1)": "api.structuredClone",
    };
    const planted = `export const planted = () => { ${Object.keys(newer).join("; ")}; };`;
    const seen = [...check([`${root}src/planted.ts`], planted)].flatMap(missing).map((line) => line.split(":")[0]);
    expect([...new Set(seen)].sort()).toEqual(Object.values(newer).sort());
  });

  it("are the target of the bundler", () => {
    const named = TARGET.map((one) => one.replace("ios", "safari_ios"));
    for (const target of named) expect(Object.entries(OLDEST).map(([name, version]) => `${name}${version}`)).toContain(target);
  });
});
