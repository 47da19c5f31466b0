/** What the steps of a registration know. It may lie in the storage of the tab: sealed tokens and contacts, and nothing secret. */
import type { MyMethod } from "../../api/client";
import { partOf } from "../../methods";
import type { CodeTimes } from "../../parts/CodeForm";

/** A code that was asked for, for a new contact. */
export interface CodeAsked extends CodeTimes {
  contact: string;
  /** How the code comes. */
  channel: string;
  /** True when the person typed the contact, so a further code must go to that one and not to the prefilled one. */
  typed: boolean;
}

/** The proof that is needed before a change (rule 20). */
export interface Proving {
  methods: readonly string[];
  /** Whether a method is no longer among them, because no try was left. */
  spent: boolean;
  /** The token to ask for a method with: the newest that came from asking. */
  newest: string;
  /** By method: what was asked for. */
  asked: Partial<Record<string, ProofCode>>;
  /** The step that waits for the proof. */
  then: Place;
}

export interface ProofCode extends CodeTimes {
  proof: string;
  /** How its code comes. Empty for a kept secret. */
  channel: string;
  challenge: unknown;
}

export interface Facts {
  codes: Partial<Record<string, CodeAsked>>;
  /** What was typed on the step that waits for a proof or a sign-in. */
  typed: string;
  /** The newest proof. */
  proof: string;
  proving: Proving | null;
  /** The step that waits for a sign-in, because the session is too old for a change. */
  signingIn: Place | null;
  /** That step goes on by itself: it was sent, and what it waited for is there. */
  goOn: boolean;
  /** A secret was shown, and its first answer is awaited. */
  enrolling: boolean;
  /** Too many of its first answers were wrong. */
  spent: boolean;
  /** What just happened. */
  news: string;
}

export const NOTHING: Facts = { codes: {}, typed: "", proof: "", proving: null, signingIn: null, goOn: false, enrolling: false, spent: false, news: "" };

export type Place =
  | { at: "list" }
  | { at: "bind"; method: string; asIs: boolean; replaces: boolean; channel?: string }
  | { at: "keep"; method: string; credential: string }
  | { at: "enrol"; method: string; credential: string; label: string }
  | { at: "code"; method: string }
  | { at: "remove"; method: string; credential: string }
  | { at: "prove" }
  | { at: "proof"; method: string }
  | { at: "activity" }
  | { at: "data" }
  | { at: "signIn" }
  | { at: "password" }
  | { at: "finish"; ready: boolean };

/** The one that a step is about. */
export const mineOf = (methods: readonly MyMethod[], method: string, credential = ""): MyMethod | undefined =>
  methods.find((mine) => mine.method === method && mine.credential === credential);

export function sentCodeOf(method: string) {
  const part = partOf(method);
  return part?.family === "sent_code" ? part : undefined;
}

export function keptSecretOf(method: string) {
  const part = partOf(method);
  return part?.family === "kept_secret" ? part : undefined;
}

export const proveFirst = (methods: readonly string[], then: Place): Proving => ({ methods, spent: false, newest: "", asked: {}, then });

export const withProofCode = ({ proving }: Facts, method: string, asked: ProofCode): Proving | null =>
  proving && { ...proving, newest: newestOf(proving, method, asked), asked: { ...proving.asked, [method]: asked } };

/** A refused answer renews the token of its method. That of another one that was asked for later knows more sends, and stays. */
const newestOf = ({ newest, asked }: Proving, method: string, now: ProofCode): string =>
  now.readyAt === asked[method]?.readyAt && newest !== asked[method]?.proof ? newest : now.proof;

export const withMethods = ({ proving }: Facts, methods: readonly string[], spent: boolean): Proving | null =>
  proving && { ...proving, methods, spent };
