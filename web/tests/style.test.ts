/** The style sheets name the sides of a box as they are read, so that a language from right to left needs no sheet of its own. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const folder = new URL("../src/style/", import.meta.url);

const SIDES = /^\s*(?:[a-z-]+-)?(?:left|right|top|bottom)\b.*:|^\s*(?:(?:min|max)-)?(?:width|height):|:\s*(?:left|right)\b/;
/** Four values, the second and the last of which are not the same: right and left. */
const LOPSIDED = /^\s*(?:margin|padding|inset|border-(?:width|style|color|radius)): (?:\S+) (\S+) (?:\S+) (?!\1;)\S+;/;

it.each(readdirSync(folder))("%s names no left, right, top or bottom", (name) => {
  const lines = readFileSync(new URL(name, folder), "utf8").split("\n");
  const wrong = lines.filter((line) => !line.trim().startsWith("@") && !line.trim().startsWith("--") && (SIDES.test(line) || LOPSIDED.test(line)));
  expect(wrong).toEqual([]);
});

it.each(["  margin-left: 0;", "  left: 0;", "  width: 1rem;", "  text-align: left;", "  padding: 1px 2px 1px 3px;", "  border-right: 0;"])("%s is found", (line) => {
  expect(SIDES.test(line) || LOPSIDED.test(line)).toBe(true);
});
