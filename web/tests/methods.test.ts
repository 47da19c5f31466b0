import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Problem } from "../src/api/problem";
import { languages, textsOf, type Language } from "../src/i18n";
import { explainAnswer, explainContact } from "../src/i18n/explain";
import { allParts, partOf, partsOf } from "../src/methods";
import { readEnrolment } from "../src/methods/authenticator_app";
import { chooseWords, waysOf } from "../src/methods/ways";
import { qrPath } from "../src/parts/QrCode";
import { inGroups } from "../src/parts/TextKey";
import { freeLabel } from "../src/pages/register/KeepSecret";

const files = readdirSync(new URL("../src/methods/", import.meta.url))
  .map((file) => file.replace(/\.tsx?$/, ""))
  .filter((name) => !["index", "part", "ways"].includes(name))
  .sort();
const texts = await Promise.all((Object.keys(languages) as Language[]).map(async (name) => [name, await textsOf(name)] as const));

describe("the parts of the methods", () => {
  it("are found without a list: each file is one part, under the file's name", () => {
    expect(files).toContain("authenticator_app");
    expect(allParts().map(({ name }) => name).sort()).toEqual(files);
  });

  it.each(texts)("have all their words in %s, and no words are left over", (_, t) => {
    expect(Object.keys(t.method).sort()).toEqual(files);
    for (const part of allParts()) {
      const words = part.words(t);
      expect([part.name, words.name, words.add, words.choose].filter((said) => !said)).toEqual([]);
      const own = part.family === "sent_code" ? Object.values(part.words(t)) : [part.words(t).intro, part.words(t).enrol.title, part.words(t).answer.lead];
      expect(own.filter((said) => said === "" || said === undefined)).toEqual([]);
    }
  });

  it("are there for every method of the service", () => {
    const document = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));
    const parameter = document.paths["/api/v1/me/methods/{method}"].post.parameters[0];
    expect(parameter.schema.enum.filter((name: string) => partOf(name) === undefined)).toEqual([]);
  });

  it("can each be chosen once for every channel of the service, in words of their own", () => {
    const ways = waysOf(partsOf(["email", "mobile_phone", "office_phone", "passkey"]), { email: ["email"], mobile_phone: ["sms", "voice"], office_phone: ["voice"] });
    expect(ways.map(({ part, channel }) => `${part.name} ${channel}`)).toEqual(["email email", "mobile_phone sms", "mobile_phone voice", "office_phone voice", "passkey "]);
    for (const [, t] of texts) expect(new Set(ways.map((way) => chooseWords(t, way))).size).toBe(ways.length);
  });

  it("leave out what this page cannot perform, and keep the order of the service", () => {
    expect(partOf("constructor")).toBeUndefined();
    expect(partsOf(["office_phone", "invented_later", "email"]).map(({ name }) => name)).toEqual(["office_phone", "email"]);
  });
});

describe("pages", () => {
  it("never name a method: what is particular to one is in its part", () => {
    const folders = ["../src/pages/", "../src/parts/", "../src/hooks/", "../src/api/"].map((folder) => new URL(folder, import.meta.url));
    const named = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => /\.tsx?$/.test(file))
        .filter((file) => new RegExp(`["'.\`](${files.filter((name) => name !== "email").join("|")})\\b`).test(readFileSync(new URL(file, folder), "utf8"))),
    );
    expect(named).toEqual([]);
  });
});

describe("a text key", () => {
  it.each([
    ["", []],
    ["JBSWY3DP", ["JBSW", "Y3DP"]],
    ["JBSWY3DPEH", ["JBSW", "Y3DP", "EH"]],
  ])("%s is shown in groups of four", (key, groups) => {
    expect(inGroups(key)).toEqual(groups);
  });
});

describe("a QR code", () => {
  it("holds a usual otpauth address, with the three squares in its corners", () => {
    const { size, path } = qrPath("otpauth://totp/Example:noor.new?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example");
    expect((size - 17) % 4).toBe(0);
    expect(path.startsWith("M0 0h7v1h-7z")).toBe(true);
    expect(path).toContain(`M${size - 7} 0h7v1h-7z`);
    expect(path).toContain(`M0 ${size - 1}h7v1h-7z`);
  });

  it("has no mark of a character set, which some cameras refuse: with one, this address would need 45 modules", () => {
    const address = "otpauth://totp/S%C3%A9same:noor.new@x.example?digits=6&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&issuer=S%C3%A9same&period=30";
    expect(qrPath(address).size).toBe(41);
  });
});

describe("an enrolment", () => {
  it("is read when it has an otpauth address and a key", () => {
    expect(readEnrolment({ uri: "otpauth://totp/x?secret=AAAA", secret: "AAAA" })).toEqual({ uri: "otpauth://totp/x?secret=AAAA", secret: "AAAA" });
  });

  it.each([[null], [{}], [{ uri: "javascript:alert(1)", secret: "AAAA" }], [{ uri: "otpauth://totp/x" }]])("of %j never becomes a link", (given) => {
    expect(() => readEnrolment(given)).toThrow(Problem);
  });
});

describe("the name of one more app", () => {
  it.each([
    [[], "My phone"],
    [["My phone"], "My phone 2"],
    [["My phone", "My phone 2"], "My phone 3"],
  ])("beside %j is %s", (taken, label) => {
    expect(freeLabel("My phone", taken)).toBe(label);
  });
});

describe.each(texts)("a refused answer in %s", (_name, t) => {
  const words = t.method.authenticator_app.answer;
  const said = (problem: Problem) => explainAnswer(t, words, problem);

  it("tells how many tries are left", () => {
    expect(said(new Problem("not_accepted", { triesLeft: 2 })).next).toContain(t.code.triesLeft({ left: 2 }));
    expect(said(new Problem("not_accepted")).next).toBe(words.refused.next);
  });

  it("tells that the wrong shape cost nothing", () => {
    expect(said(new Problem("bad_input", { field: "answer" }))).toEqual(words.malformed);
    expect(said(new Problem("bad_input", { field: "answer", reason: "too_short" })).next).toBe(`${t.reason.too_short} ${words.malformed.next}`);
  });

  it("tells what is wrong with a contact, and knows that a newer service may have another reason", () => {
    const contact = { ...t.method.mobile_phone };
    expect(explainContact(t, contact, new Problem("bad_input", { reason: "not_mobile" }))).toBe(t.reason.not_mobile);
    expect(explainContact(t, contact, new Problem("bad_input", { reason: "invented_later" }))).toBe(contact.malformed);
  });
});
