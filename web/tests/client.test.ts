import { afterEach, describe, expect, it, vi } from "vitest";
import { Client } from "../src/api/client";
import { Problem } from "../src/api/problem";
import { baseFrom, findService } from "../src/config";
import { pageFor } from "../src/router";

const client = new Client("https://api.example", () => "fr");

function answers(status: number, body: string, type = "application/json") {
  const fetching = vi.fn<typeof fetch>(async () => new Response(body, { status, headers: { "Content-Type": type } }));
  vi.stubGlobal("fetch", fetching);
  return fetching;
}

const refusal = (call: Promise<unknown>): Promise<Problem> =>
  call.then(
    () => expect.unreachable("it was accepted"),
    (error: unknown) => error as Problem,
  );

afterEach(() => vi.unstubAllGlobals());

describe("a request", () => {
  it("carries JSON, the language and the token in a header, and nothing in the address", async () => {
    const fetching = answers(200, '{"methods":[]}');
    await client.remove("t0ken", "email");
    const [address, sent] = fetching.mock.calls[0] ?? [];
    expect(address).toBe("https://api.example/api/v1/me/methods/email/remove");
    expect(sent).toMatchObject({
      method: "POST",
      body: "{}",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      headers: { Authorization: "Bearer t0ken", "Content-Type": "application/json", "Accept-Language": "fr" },
    });
  });
});

describe("a removal", () => {
  it("names one of several", async () => {
    const fetching = answers(200, '{"methods":[]}');
    await client.remove("t0ken", "authenticator_app", { credential: "c1" });
    expect(fetching.mock.calls[0]?.[1]).toMatchObject({ body: '{"credential":"c1"}' });
  });
});

describe("a refusal", () => {
  it("keeps the code, the wait and the fresh reset token of a problem document", async () => {
    answers(422, '{"code":"password_refused","reasons":["length",7],"reset_token":"fresh","retry_after":2.1}', "application/problem+json");
    const problem = await refusal(client.complete({ reset_token: "old", new_password: "x" }));
    expect(problem).toMatchObject({ code: "password_refused", status: 422, reasons: ["length"], resetToken: "fresh", retryAfter: 3 });
    expect(problem.outcomeUnknown).toBe(false);
  });

  it("of an answer keeps the token for the next step and the tries that are left", async () => {
    answers(403, '{"code":"not_accepted","verification_token":"fresh","tries_left":0}', "application/problem+json");
    const problem = await refusal(client.verify({ verification_token: "old", answer: "123456" }));
    expect(problem).toMatchObject({ code: "not_accepted", verificationToken: "fresh", triesLeft: 0 });
  });

  it.each([
    [429, "<h1>Slow down</h1>", "limited"],
    [503, "", "internal"],
    [503, '{"code":"try_again"}', "try_again"],
    [403, '{"code":"no_tries_left"}', "no_tries_left"],
    [502, "<h1>Bad gateway</h1>", "internal"],
    [403, '{"code":"invented_later"}', "internal"],
    [500, "null", "internal"],
  ])("with status %i and body %j is explained as %s", async (status, body, code) => {
    answers(status, body);
    expect((await refusal(client.me("t"))).code).toBe(code);
  });

  it("never takes a captive portal's page for success", async () => {
    answers(200, "<h1>Welcome to the hotel</h1>", "text/html");
    expect((await refusal(client.complete({ reset_token: "t", new_password: "x" }))).outcomeUnknown).toBe(true);
  });

  it("leaves the outcome unknown when the connection breaks", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
    const problem = await refusal(client.complete({ reset_token: "t", new_password: "x" }));
    expect([problem.code, problem.outcomeUnknown]).toEqual(["unreachable", true]);
  });
});

describe("the address of the service", () => {
  it.each([
    [{ api: "http://127.0.0.1:7071/" }, "http://127.0.0.1:7071"],
    [{ api: "https://api.example/base/?x=1#y" }, "https://api.example/base"],
  ])("in %j is %j", (config, base) => {
    expect(baseFrom(config)).toBe(base);
  });

  it.each([{ api: "javascript:alert(1)" }, { api: "/api" }, { api: 7 }, null])("is not in %j", (config) => {
    expect(() => baseFrom(config)).toThrow();
  });

  it("is asked for again until it comes, whether a request fails, is refused or hangs", async () => {
    vi.useFakeTimers();
    const hangs = (signal: AbortSignal) => new Promise<Response>((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const fetching = vi
      .fn()
      .mockRejectedValueOnce(new TypeError("network"))
      .mockImplementationOnce((_address: string, { signal }: { signal: AbortSignal }) => hangs(signal))
      .mockResolvedValueOnce(new Response("<h1>Welcome to the hotel</h1>"))
      .mockResolvedValueOnce(new Response('{"api":"https://api.example"}'));
    vi.stubGlobal("fetch", fetching);
    const found = findService();
    await vi.runAllTimersAsync();
    expect(await found).toBe("https://api.example");
    vi.useRealTimers();
  });

  it("that never comes is an error that says so, and no request is sent anywhere", async () => {
    const fetching = vi.fn().mockRejectedValue(new TypeError("network"));
    vi.stubGlobal("fetch", fetching);
    const lost = new Client(findService([0, 0]), () => "fr");
    const problem = await refusal(lost.signIn({ identifier: "ada", password: "secret" }));
    expect([problem.code, problem.outcomeUnknown]).toEqual(["not_loaded", false]);
    expect(fetching.mock.calls.map(([address]) => address)).toEqual(["/config.json", "/config.json", "/config.json"]);
  });
});

describe("an address in the browser", () => {
  it.each([
    ["/", "home"],
    ["/reset", "reset"],
    ["/register/", "register"],
    ["/password", "password"],
    ["/Reset", undefined],
    ["/toString", undefined],
    ["//", "home"],
  ])("%s shows %s", (path, page) => {
    expect(pageFor(path)).toBe(page);
  });
});
