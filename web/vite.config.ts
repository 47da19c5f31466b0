import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2022",
    // One script and one style sheet, both from files: a strict Content-Security-Policy admits nothing inline.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
