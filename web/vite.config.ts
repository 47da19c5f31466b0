import { gzipSync } from "node:zlib";
import { defineConfig } from "vitest/config";
import { OLDEST, TARGET } from "./browsers.ts";
import { catalogues, texts } from "./texts.mjs";

const names: Record<string, string> = { chrome: "Chrome", edge: "Edge", firefox: "Firefox", safari: "Safari" };
const browsers = Object.entries(OLDEST).flatMap(([name, version]) => (names[name] ? [`${names[name]} ${version}`] : []));

/** What stands in the page before any language is chosen: in every one. */
const inEveryLanguage = (page: string): string =>
  page.replace(/<!-- (\w+) of every catalogue -->/g, (_, key: string) =>
    Object.entries(catalogues)
      .map(([language, catalogue]) => `<p lang="${language}">${texts(catalogue)[key]?.replace("{browsers}", browsers.join(", "))}</p>`)
      .join("\n"),
  );

/** What the first page may load, compressed: with one language, the largest. */
const MOST_BYTES = 50_000;
/** What each file may have that a page loads later, if at all. */
const MOST_BYTES_LATER = 15_000;
/** Microsoft's library, which only who signs in there loads, and only then. */
const MICROSOFT = /@azure\/msal|src\/microsoft\/client/;
const MOST_BYTES_OF_MICROSOFT = 75_000;

type Chunk = { fileName: string; isEntry: boolean; facadeModuleId: string | null; moduleIds: string[]; imports: string[]; code: string };
type Asset = { fileName: string; source: string | Uint8Array };
type Bundle = Record<string, Chunk | Asset>;

const isLanguage = (file: Chunk | Asset): boolean => "code" in file && /generated\/texts\/[a-z]{2}\.js$/.test(file.facadeModuleId ?? "");
const isMicrosoft = (file: Chunk | Asset): boolean => "code" in file && file.moduleIds.length > 0 && file.moduleIds.every((id) => MICROSOFT.test(id));
const allowed = (file: Chunk | Asset): number => (isMicrosoft(file) ? MOST_BYTES_OF_MICROSOFT : MOST_BYTES_LATER);
const weight = (file: Chunk | Asset): number => gzipSync("code" in file ? file.code : file.source).length;

/** Everything that the page asks for before it shows itself. */
function atFirst(bundle: Bundle): Set<Chunk | Asset> {
  const found = new Set<Chunk | Asset>();
  const add = (file: Chunk | Asset | undefined) => {
    if (file === undefined || found.has(file)) return;
    found.add(file);
    if ("code" in file) file.imports.forEach((name) => add(bundle[name]));
  };
  const files = Object.values(bundle);
  files.filter((file) => ("code" in file ? file.isEntry : /\.(html|css)$/.test(file.fileName))).forEach(add);
  add(files.filter(isLanguage).sort((one, other) => weight(other) - weight(one))[0]);
  return found;
}

/** Prints the size of each file, and stops the build when the pages have grown too large for a slow phone. */
function weigh(bundle: Bundle): void {
  const files = Object.values(bundle);
  const first = atFirst(bundle);
  for (const file of files) console.log(`${String(weight(file)).padStart(7)} bytes  ${file.fileName}${first.has(file) ? "" : "  (later)"}`);
  const total = [...first].reduce((sum, file) => sum + weight(file), 0);
  console.log(`${String(total).padStart(7)} bytes  for the first page`);
  if (total > MOST_BYTES) throw new Error(`the first page has ${total} bytes compressed, and ${MOST_BYTES} are allowed`);
  const large = files.find((file) => !first.has(file) && !isLanguage(file) && weight(file) > allowed(file));
  if (large !== undefined) throw new Error(`${large.fileName} has more than ${allowed(large)} bytes compressed`);
  const mixed = files.find((file) => "code" in file && file.moduleIds.some((id) => MICROSOFT.test(id)) && !isMicrosoft(file));
  if (mixed !== undefined) throw new Error(`${mixed.fileName} has a part of Microsoft's library, and others load it too`);
}

/** Up to this size, every language is asked for together with the script: on a slow network one more round trip takes longer. */
const PRELOADED_BYTES = 24_000;

const preloaded = (bundle: Bundle) => {
  const texts = Object.values(bundle).filter((file) => isLanguage(file) || file.fileName.includes("cardinals"));
  if (texts.reduce((sum, file) => sum + weight(file), 0) > PRELOADED_BYTES) return [];
  return texts.map(({ fileName }) => ({ tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `/${fileName}` } }));
};

export default defineConfig({
  plugins: [
    { name: "in-every-language", transformIndexHtml: inEveryLanguage },
    { name: "preload", transformIndexHtml: { order: "post", handler: (_, { bundle }) => preloaded((bundle ?? {}) as Bundle) } },
    { name: "weigh", apply: "build", enforce: "post", generateBundle: (_, bundle) => weigh(bundle) },
  ],
  build: {
    target: TARGET,
    // Scripts and one style sheet from files of our own: a strict Content-Security-Policy admits nothing inline. The bot
    // check and its worker are files apart, which nearly nobody loads.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  test: { include: ["tests/**/*.test.ts"], environment: "node", testTimeout: 60_000, hookTimeout: 60_000 },
});
