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

/**
 * What a page may load, compressed: one language, the largest, and everything but the bot check, which nearly nobody meets,
 * and the passkey library, which who has no passkey never loads.
 */
const MOST_BYTES = 60_000;
const APART = /BotCheck|solve\.worker|pseudo/;
const PASSKEYS = /@simplewebauthn/;

type Bundle = Record<string, { fileName: string; facadeModuleId?: string | null; moduleIds?: string[] } & ({ code: string } | { source: string | Uint8Array })>;

const isLanguage = ({ facadeModuleId }: Bundle[string]): boolean => /generated\/texts\/[a-z]{2}\.js$/.test(facadeModuleId ?? "");
const isApart = ({ fileName, moduleIds }: Bundle[string]): boolean =>
  APART.test(fileName) || (moduleIds !== undefined && moduleIds.length > 0 && moduleIds.every((id) => PASSKEYS.test(id)));
const weight = (file: Bundle[string]): number => gzipSync("code" in file ? file.code : file.source).length;

/** Prints the size of each file, and stops the build when the pages have grown too large for a slow phone. */
function weigh(bundle: Bundle): void {
  const files = Object.values(bundle);
  for (const file of files) console.log(`${String(weight(file)).padStart(7)} bytes  ${file.fileName}`);
  const languages = files.filter(isLanguage);
  const others = files.filter((file) => !isLanguage(file) && !isApart(file));
  const total = others.reduce((sum, file) => sum + weight(file), 0) + Math.max(...languages.map(weight));
  console.log(`${String(total).padStart(7)} bytes  for a page`);
  if (total > MOST_BYTES) throw new Error(`a page has ${total} bytes compressed, and ${MOST_BYTES} are allowed`);
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
