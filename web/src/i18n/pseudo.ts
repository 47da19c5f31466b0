/**
 * English made longer and accented, in brackets: shows what is cut when a language is longer, and which text on a page
 * does not come from the catalogue. What a text is filled in with stays as it is.
 */
import { texts as english } from "../../generated/texts/en";
import type { Texts } from "../../generated/texts";

const LETTERS = "aàbƀcçdđeéfƒgğhĥiîjĵkķlłmɱnñoöpþqɋrřsštŧuüvṽwŵxẋyýzžAÀBƁCÇDÐEÉFƑGĞHĤIÎJĴKĶLŁMṀNÑOÖPÞQɊRŘSŠTŦUÜVṼWŴXẊYÝZŽ";
const ACCENTED = new Map(Array.from({ length: LETTERS.length / 2 }, (_, at) => [LETTERS[2 * at], LETTERS[2 * at + 1]]));
const LONGER = 0.4;

/** A field is marked while its text is made, so that it is left alone afterwards. */
const FIELD = /(\u0001[^\u0002]*\u0002)/;

function accented(text: string): string {
  const said = text
    .split(FIELD)
    .map((part) => (FIELD.test(part) ? part.slice(1, -1) : [...part].map((letter) => ACCENTED.get(letter) ?? letter).join("")))
    .join("");
  return `[${said}${" ẋẋẋẋ".repeat(Math.ceil((text.length * LONGER) / 5))}]`;
}

const marked = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? `\u0001${value}\u0002` : value]));

function changed(node: unknown): unknown {
  if (typeof node === "string") return accented(node);
  if (typeof node === "function") return (fields: Record<string, unknown>) => accented(String(node(marked(fields))));
  return Object.fromEntries(Object.entries(node as object).map(([key, value]) => [key, changed(value)]));
}

export const texts = changed(english) as Texts;
