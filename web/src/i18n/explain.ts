/** From a refusal to plain words and a next step. */
import type { Problem } from "../api/problem";
import type { AnswerWords, SentCodeWords } from "../methods/part";
import type { Explanation, Texts } from "./index";

/** What the person was doing: "not accepted" means something else at the sign-in than at a code. */
export type Situation = keyof Texts["refused"];

/** What opens a limit beside waiting. A bot check is not named: the page starts it by itself. */
const ways = ["known_client", "new_start"] as const;

export interface Explained extends Explanation {
  /** When it can be tried again, in milliseconds of the clock: the page counts down to it. */
  readyAt?: number | undefined;
}

export const explain = (t: Texts, problem: Problem, situation?: Situation): Explained => referenced(said(t, problem, situation), problem);

const referenced = <T extends Explanation>(said: T, { reference }: Problem): T => (reference === undefined ? said : { ...said, reference });

function said(t: Texts, problem: Problem, situation?: Situation): Explained {
  if (problem.code === "not_accepted" && situation !== undefined) return t.refused[situation];
  const known = t.problem[problem.code];
  if (problem.code !== "limited" || problem.readyAt === undefined) {
    return { title: known.title, next: whatIsWrong(t, problem) ?? known.next, readyAt: problem.readyAt };
  }
  const others = ways.filter((way) => problem.opens.includes(way)).map((way) => t.opens[way]);
  return { title: known.title, next: others.join(" "), readyAt: problem.readyAt };
}

const states = ["prefilled", "pending", "confirmed", "renew", "compromised", "stale", "suspect", "opted_out", "used_up"] as const;

export type MethodState = (typeof states)[number];

/** A state from a newer service is shown as the weakest one that we know, never as "confirmed". */
export const methodState = (state: string): MethodState => states.find((known) => known === state) ?? "prefilled";

/** What is wrong with the phone number or address that was typed. */
export function explainContact(t: Texts, words: SentCodeWords, problem: Problem): string {
  if (problem.reason === "missing") return t.field.required.contact;
  return whatIsWrong(t, problem) ?? words.malformed;
}

/** What the service says is wrong with a text. A reason from a newer service has no words here. */
function whatIsWrong(t: Texts, problem: Problem): string | undefined {
  const reasons: Partial<Record<string, string>> = t.reason;
  return problem.reason === undefined ? undefined : reasons[problem.reason];
}

/** What is wrong with a code that cannot be one, and what it looks like. */
export function explainMisread(t: Texts, malformed: Explanation, problem: Problem): Explanation {
  return { title: malformed.title, next: [whatIsWrong(t, problem), malformed.next].filter(Boolean).join(" ") };
}

/** What is said about an answer that was refused. */
export type RefusalWords = Pick<AnswerWords, "refused" | "malformed">;

/** What is wrong with a code, and how many tries are left where the service says so. */
export function explainAnswer(t: Texts, words: RefusalWords, problem: Problem): Explained {
  if (problem.code === "bad_input") return explainMisread(t, words.malformed, problem);
  if (problem.code !== "not_accepted") return explain(t, problem);
  const { title, next } = words.refused;
  const refused = problem.triesLeft === undefined ? words.refused : { title, next: `${next} ${t.code.triesLeft({ left: problem.triesLeft })}` };
  return referenced(refused, problem);
}

const ruleNames = [
  "length",
  "too_long",
  "blocklisted",
  "repeated_or_joined",
  "sequence",
  "context",
  // Those that only the directory knows.
  "in_history",
  "too_young",
  "quality",
  "domain_rules",
] as const;

/** What is wrong with a new password, in its field, or what else became of it. `unknown`: what to do when nobody knows. */
export function explainNewPassword(t: Texts, problem: Problem, unknown: Explanation, field: string, situation?: Situation): Explained & { field?: string } {
  if (problem.outcomeUnknown) return unknown;
  if (problem.code !== "password_refused") return explain(t, problem, situation);
  const broken = problem.reasons.map((reason) => ruleText(t, reason)).join("; ");
  return { title: t.problem.password_refused.title, next: `${t.rules.refused} ${broken}`, field };
}

/** A rule that this version of the page does not know still shows up, as "one more rule". */
export function ruleText(t: Texts, rule: string, limit?: number | null): string {
  if (rule === "length" && limit) return t.rules.atLeast({ count: limit });
  if (rule === "too_long" && limit) return t.rules.atMost({ count: limit });
  const known = ruleNames.find((name) => name === rule);
  return known === undefined ? t.rules.other : t.rules[known];
}
