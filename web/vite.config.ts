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

/** All files of the pages, in every language, compressed. */
const MOST_BYTES = 60_000;

/** Nearly nobody loads the bot check. */
const APART = /BotCheck|solve\.worker/;

/** Prints the size of each file and stops the build when the pages have grown too large for a slow phone. */
function weigh(bundle: Record<string, { fileName: string } & ({ code: string } | { source: string | Uint8Array })>): void {
  const sizes = Object.values(bundle).map((file) => [file.fileName, gzipSync("code" in file ? file.code : file.source).length] as const);
  for (const [name, bytes] of sizes) console.log(`${String(bytes).padStart(7)} bytes  ${name}${APART.test(name) ? "  (apart)" : ""}`);
  const total = sizes.filter(([name]) => !APART.test(name)).reduce((sum, [, bytes]) => sum + bytes, 0);
  console.log(`${String(total).padStart(7)} bytes  in all`);
  if (total > MOST_BYTES) throw new Error(`the pages have ${total} bytes compressed, and ${MOST_BYTES} are allowed`);
}

export default defineConfig({
  plugins: [
    { name: "in-every-language", transformIndexHtml: inEveryLanguage },
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
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
