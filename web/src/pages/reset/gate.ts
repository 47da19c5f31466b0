/** What the steps of a reset hand to each other. All of it may lie in the storage of the tab: sealed tokens, and nothing secret. */
import type { Lack } from "../../api/client";
import type { ProblemCode } from "../../api/problem";
import type { Channels } from "../../methods/ways";
import type { CodeTimes } from "../../parts/CodeForm";

/** What one method was asked for, in one gate. */
export interface Asked extends CodeTimes {
  /** The newest token for an answer by this method. That of another method does not take the place of its code. */
  token: string;
  /** How its code comes. Empty for a kept secret. */
  channel: string;
  /** What the service gave for the answer, for methods that need more than a question. */
  challenge: unknown;
}

export interface Gate {
  /** The token to ask for a method with: the newest that came from asking, because it knows everything that was sent. */
  token: string;
  methods: readonly string[];
  hints: Partial<Record<string, string>>;
  asked: Partial<Record<string, Asked>>;
  /** Why there is no method to go on with. */
  lacks: readonly Lack[];
}

export interface Facts {
  name: string;
  /** How many gates the organisation asks for. Some accounts need one more, which shows only then. */
  needed: number;
  /** By method: how its code can come. */
  channels: Channels;
  /** Those that were reached. All but the last are passed, and that one too once `granted` is there. */
  gates: readonly Gate[];
  granted: string;
  /** Whether a lock can be ended instead of choosing a password. */
  unlock: boolean;
  /** Whether the proofs are enough for a Temporary Access Pass. */
  pass: boolean;
}

/** What a reset ended in. */
export type Ending = "password" | "unlock" | "pass";

export const NOTHING: Facts = { name: "", needed: 1, channels: {}, gates: [], granted: "", unlock: false, pass: false };

export type Place =
  | { at: "identify" }
  | { at: "choose"; gate: number }
  | { at: "answer"; gate: number; method: string }
  | { at: "spent"; gate: number }
  | { at: "password" }
  | { at: "stopped"; code: ProblemCode }
  | { at: "done"; ending: Ending };

export const gateAt = (facts: Facts, gate: number): Gate | undefined => facts.gates[gate];

export const isPassed = (facts: Facts, gate: number): boolean => gate < facts.gates.length - 1 || facts.granted !== "";

/** Where the journey goes on, whatever step Back has led to. */
export const front = (facts: Facts): Place => (facts.granted ? { at: "password" } : { at: "choose", gate: facts.gates.length - 1 });

export const withGate = (facts: Facts, gate: number, change: Partial<Gate>): Facts => ({
  ...facts,
  gates: facts.gates.map((one, number) => (number === gate ? { ...one, ...change } : one)),
});

/** After a method was asked for. */
export const withAsked = (facts: Facts, gate: number, method: string, asked: Asked): Facts =>
  withGate(facts, gate, { token: asked.token, asked: { ...facts.gates[gate]?.asked, [method]: asked } });

/** After an answer was refused. The token of another method that was asked for later knows of more sends, and stays. */
export function withToken(facts: Facts, gate: number, method: string, token: string): Facts {
  const { token: newest = "", asked = {} }: Partial<Gate> = facts.gates[gate] ?? {};
  const before = asked[method];
  if (before === undefined) return facts;
  return withGate(facts, gate, { token: newest === before.token ? token : newest, asked: { ...asked, [method]: { ...before, token } } });
}
