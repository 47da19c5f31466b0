/** The only file that calls the service. Types come from its OpenAPI document by path, so renamed schemas change nothing here. */
import { Problem, problemFrom } from "./problem";
import type { paths } from "../../generated/schema";

type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
type Operation<P extends keyof paths, V extends "get" | "post"> = NonNullable<paths[P][V]>;
type Answer<P extends keyof paths, V extends "get" | "post" = "post"> =
  Operation<P, V> extends { responses: { 200: infer Ok } } ? Json<Ok> : never;
type Body<P extends keyof paths> = Operation<P, "post"> extends { requestBody?: infer Sent } ? Json<NonNullable<Sent>> : never;

export type Session = Answer<"/api/v1/session">;
export type Me = Answer<"/api/v1/me", "get">;
export type MyMethod = Me["methods"][number];
export type Happened = Answer<"/api/v1/me/activity", "get">["events"][number];
export type Begun = Answer<"/api/v1/me/methods/{method}">;
export type Confirmed = Answer<"/api/v1/me/methods/{method}/confirm">;
export type Started = Answer<"/api/v1/reset/start">;
export type ProofAsked = Answer<"/api/v1/me/proof/challenge">;
/** A right answer either opens one more gate or grants the reset. */
export type Verified =
  | { granted: string; unlock: boolean; pass: boolean; seconds: number }
  | { granted?: never; seconds: number; token: string; methods: readonly string[]; hints: Partial<Record<string, string>>; lacks: readonly Lack[] };
/** What an account or a registration does not have and needs. */
export type Lack = Me["lacks"][number];
export type PasswordChecked = Answer<"/api/v1/password/check">;

/** Longer than the service's own slowest path, so that giving up here is rarely the reason for not knowing the outcome. */
const PATIENCE_MS = 30_000;

/** The two shapes of a right answer, read as one: a document may describe them as a union or as optional fields. */
interface VerifyFields {
  reset_token?: string | null;
  unlock?: boolean | null;
  temporary_access_pass?: boolean | null;
  verification_token?: string | null;
  methods?: string[] | null;
  hints?: Record<string, string> | null;
  lacks?: Lack[] | null;
  expires_in: number;
}

interface Caller {
  token?: string | undefined;
  signal?: AbortSignal | undefined;
}

export class Client {
  constructor(
    /** The requests wait for it. Nothing is sent anywhere else. */
    private readonly base: string | Promise<string>,
    private readonly language: () => string,
  ) {}

  signIn = (body: Body<"/api/v1/session">) => this.post<Session>("/api/v1/session", body);

  signInAtMicrosoft = (body: Body<"/api/v1/session/entra">) =>
    this.post<Answer<"/api/v1/session/entra">>("/api/v1/session/entra", body);

  me = (token: string) => this.call<Me>("GET", "/api/v1/me", undefined, { token });

  begin = (token: string, method: string, body: Body<"/api/v1/me/methods/{method}">) =>
    this.post<Begun>(`/api/v1/me/methods/${encodeURIComponent(method)}`, body, { token });

  confirm = (token: string, method: string, answer: string) =>
    this.post<Confirmed>(`/api/v1/me/methods/${encodeURIComponent(method)}/confirm`, { answer }, { token });

  askProof = (token: string, body: Body<"/api/v1/me/proof/challenge">) =>
    this.post<ProofAsked>("/api/v1/me/proof/challenge", body, { token });

  giveProof = (token: string, body: Body<"/api/v1/me/proof">) =>
    this.post<Answer<"/api/v1/me/proof">>("/api/v1/me/proof", body, { token });

  remove = (token: string, method: string, body: Body<"/api/v1/me/methods/{method}/remove"> = {}) =>
    this.post<Me>(`/api/v1/me/methods/${encodeURIComponent(method)}/remove`, body, { token });

  /** Without a method, everything is still right. */
  reconfirm = (token: string, which: { method?: string; credential?: string } = {}) => this.post<Me>("/api/v1/me/reconfirm", which, { token });
  snooze = (token: string) => this.post<Me>("/api/v1/me/snooze", {}, { token });

  askStatus = (token: string, address: string) =>
    this.post<Answer<"/api/v1/registration/status">>("/api/v1/registration/status", { return_to: address }, { token });

  activity = (token: string) => this.call<Answer<"/api/v1/me/activity", "get">>("GET", "/api/v1/me/activity", undefined, { token });

  myData = (token: string) => this.call<Answer<"/api/v1/me/data", "get">>("GET", "/api/v1/me/data", undefined, { token });

  chooseTimeZone = (token: string, zone: Me["time_zone"]) => this.post<Me>("/api/v1/me/time-zone", { time_zone: zone }, { token });

  chooseLanguage = (token: string, language: Me["language"]) => this.post<Me>("/api/v1/me/language", { language }, { token });

  reportLoss = (token: string) => this.post<Me>("/api/v1/me/loss", {}, { token });

  withdrawLoss = (token: string) => this.post<Me>("/api/v1/me/loss/withdraw", {}, { token });

  changePassword = (token: string, body: Body<"/api/v1/me/password">) =>
    this.post<Session>("/api/v1/me/password", body, { token });

  startReset = (body: Body<"/api/v1/reset/start">) => this.post<Started>("/api/v1/reset/start", body);

  challenge = (body: Body<"/api/v1/reset/challenge">) =>
    this.post<Answer<"/api/v1/reset/challenge">>("/api/v1/reset/challenge", body);

  verify = async (body: Body<"/api/v1/reset/verify">): Promise<Verified> => {
    const answer: VerifyFields = await this.post<Answer<"/api/v1/reset/verify">>("/api/v1/reset/verify", body);
    if (answer.reset_token) {
      const [unlock, pass] = [answer.unlock === true, answer.temporary_access_pass === true];
      return { granted: answer.reset_token, unlock, pass, seconds: answer.expires_in };
    }
    return { seconds: answer.expires_in, token: answer.verification_token ?? "", methods: answer.methods ?? [], hints: answer.hints ?? {}, lacks: answer.lacks ?? [] };
  };

  complete = (body: Body<"/api/v1/reset/complete">) => this.post<Answer<"/api/v1/reset/complete">>("/api/v1/reset/complete", body);

  checkPassword = (body: Body<"/api/v1/password/check">, signal: AbortSignal) =>
    this.post<PasswordChecked>("/api/v1/password/check", body, { signal });

  activate = (body: Body<"/api/v1/activation">) => this.post<Answer<"/api/v1/activation">>("/api/v1/activation", body);

  firstPassword = (token: string, body: Body<"/api/v1/activation/password">) =>
    this.post<Session>("/api/v1/activation/password", body, { token });

  object = async (body: Body<"/api/v1/objection">): Promise<void> => {
    await this.post("/api/v1/objection", body);
  };

  private async found(): Promise<string> {
    try {
      return await this.base;
    } catch {
      throw new Problem("not_loaded");
    }
  }

  private post<T>(path: string, body: unknown, caller?: Caller): Promise<T> {
    return this.call<T>("POST", path, body, caller);
  }

  private async call<T>(verb: "GET" | "POST", path: string, body: unknown, caller: Caller = {}): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": this.language() };
    if (verb === "POST") headers["Content-Type"] = "application/json";
    if (caller.token !== undefined) headers.Authorization = `Bearer ${caller.token}`;
    const base = await this.found();
    const giveUp = new AbortController();
    const abort = () => giveUp.abort();
    const patience = setTimeout(abort, PATIENCE_MS);
    if (caller.signal?.aborted) abort();
    caller.signal?.addEventListener("abort", abort, { once: true });
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(base + path, {
        method: verb,
        headers,
        body: verb === "POST" ? JSON.stringify(body) : null,
        // No cookie, no cached copy, no address of ours: the token in the header is all that says who we are.
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        redirect: "error",
        signal: giveUp.signal,
      });
      answer = await parsed(response);
    } catch {
      throw new Problem("unreachable");
    } finally {
      clearTimeout(patience);
    }
    if (!response.ok) throw problemFrom(response.status, answer);
    // A captive portal answers 200 with its own page; taking that for success would be a lie.
    if (typeof answer !== "object" || answer === null) throw new Problem("unreachable");
    return answer as T;
  }
}

/** `undefined` for anything that is not JSON; a connection that breaks half-way still throws. */
async function parsed(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
