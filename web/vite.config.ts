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

export default defineConfig({
  plugins: [{ name: "in-every-language", transformIndexHtml: inEveryLanguage }],
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
