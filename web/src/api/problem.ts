/** Every way in which the service, or the way to it, says no. `i18n` must explain each of them; the compiler holds it to that. */
import { challengeFrom, type BotCheckChallenge } from "../botCheck/challenge";

export const problemCodes = [
  "not_accepted",
  "no_tries_left",
  "too_late",
  "overtaken",
  "not_locked",
  "proof_not_enough",
  "account_disabled",
  "managed_on_premises",
  "managed_elsewhere",
  "managed_by_administrators",
  "sign_in_again",
  "password_change_required",
  "proof_required",
  "activation_required",
  "frozen",
  "not_allowed",
  "origin_refused",
  "not_found",
  "bot_check_required",
  "limited",
  "password_refused",
  "try_again",
  "under_way",
  "outcome_unknown",
  "bad_input",
  "too_large",
  "unsupported_content",
  "internal",
  // Ours: no answer came, so whether the request was carried out is unknown.
  "unreachable",
  // Ours: no try is left for this code, and another code has new ones.
  "no_tries_for_code",
  // Ours: the page does not know where the service is, so nothing was sent.
  "not_loaded",
  // Ours: the sign-in on Microsoft's page did not come to an end.
  "not_signed_in",
] as const;

export type ProblemCode = (typeof problemCodes)[number];

const isKnown = (code: unknown): code is ProblemCode => (problemCodes as readonly unknown[]).includes(code);

interface Details {
  status?: number | undefined;
  retryAfter?: number | undefined;
  opens?: readonly string[] | undefined;
  field?: string | undefined;
  reason?: string | undefined;
  reasons?: readonly string[] | undefined;
  resetToken?: string | undefined;
  verificationToken?: string | undefined;
  triesLeft?: number | undefined;
  methods?: readonly string[] | undefined;
  botCheck?: BotCheckChallenge | undefined;
  reference?: string | undefined;
}

/** A refusal as a value. The service's own `title` and `detail` stay behind: the page explains by code, in its own language. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly retryAfter: number | undefined;
  /** The same as a moment, in milliseconds of the clock. */
  readonly readyAt: number | undefined;
  /** What opens the limit that was reached, beside the wait. */
  readonly opens: readonly string[];
  readonly field: string | undefined;
  readonly reason: string | undefined;
  readonly reasons: readonly string[];
  readonly resetToken: string | undefined;
  /** A refused answer comes with the token for the next step. */
  readonly verificationToken: string | undefined;
  readonly triesLeft: number | undefined;
  /** The methods with which the person can prove a change. */
  readonly methods: readonly string[];
  /** The check that opens what was refused. */
  readonly botCheck: BotCheckChallenge | undefined;
  /** Leads the helpdesk to the events of this request. */
  readonly reference: string | undefined;

  constructor(code: ProblemCode, details: Details = {}) {
    super(code);
    this.name = "Problem";
    this.code = code;
    this.status = details.status ?? 0;
    this.retryAfter = details.retryAfter;
    this.readyAt = details.retryAfter === undefined ? undefined : Date.now() + details.retryAfter * 1000;
    this.opens = details.opens ?? [];
    this.field = details.field;
    this.reason = details.reason;
    this.reasons = details.reasons ?? [];
    this.resetToken = details.resetToken;
    this.verificationToken = details.verificationToken;
    this.triesLeft = details.triesLeft;
    this.methods = details.methods ?? [];
    this.botCheck = details.botCheck;
    this.reference = details.reference;
  }

  /** True when the request may or may not have been carried out: a page must then say so, and never "it failed". */
  get outcomeUnknown(): boolean {
    return this.code === "outcome_unknown" || this.code === "unreachable" || this.code === "internal";
  }
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
const seconds = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.ceil(value) : undefined;

/** Reads a refused answer. A proxy's HTML page, or a code from a newer service, still becomes a problem that we can explain. */
export function problemFrom(status: number, body: unknown): Problem {
  const document = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  return new Problem(isKnown(document.code) ? document.code : codeForStatus(status), {
    status,
    retryAfter: seconds(document.retry_after),
    opens: texts(document.opens),
    field: text(document.field),
    reason: text(document.reason),
    reasons: texts(document.reasons),
    resetToken: text(document.reset_token),
    verificationToken: text(document.verification_token),
    triesLeft: count(document.tries_left),
    methods: texts(document.methods),
    botCheck: challengeFrom(document.bot_check),
    reference: text(document.reference),
  });
}

function codeForStatus(status: number): ProblemCode {
  if (status === 429) return "limited";
  if (status === 404) return "not_found";
  // Not even a 503 is "try_again", which promises that nothing was changed: a gateway on the way cannot know.
  return "internal";
}
