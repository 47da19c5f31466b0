import { defineConfig } from "vitest/config";
import { catalogues } from "./texts.mjs";

/** Without JavaScript no language can be chosen, so every one is shown. */
const noScript = Object.entries(catalogues).map(([language, { noScript: said }]) => `<p lang="${language}">${said}</p>`);

export default defineConfig({
  plugins: [{ name: "no-script", transformIndexHtml: (page) => page.replace("<!-- noScript of every catalogue -->", noScript.join("\n")) }],
  build: {
    target: "es2022",
    // Scripts and one style sheet from files of our own: a strict Content-Security-Policy admits nothing inline. The bot
    // check and its worker are files apart, which nearly nobody loads.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
