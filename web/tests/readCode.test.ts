import { describe, expect, it } from "vitest";
import { readCode } from "../src/parts/readCode";

describe("a pasted message", () => {
  it.each([
    ["Sésame: 1234-5678 is your code to reset your password. It expires in 10 minutes.\n@reset.example.org #12345678", "1234-5678"],
    ["Votre code est : 123-456. Valable 5 minutes.", "123-456"],
    ["كود ١٢٣٤٥٦٧٨ صالح", "١٢٣٤٥٦٧٨"],
    ["\u2068Your code is 12345678\u2069", "12345678"],
  ])("gives up its code: %s", (text, code) => expect(readCode(text)).toBe(code));

  it.each(["1234 5678", "12345678", "", "1234", "no code", "1234-5678 or 8765-4321, the newest", "+33639981234 is mine", "K7QM2-XPD9R"])(
    "and other text stays as it is: %s",
    (text) => expect(readCode(text)).toBe(text),
  );
});
