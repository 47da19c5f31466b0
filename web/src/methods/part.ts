/** What the pages need to know of a method. A page asks its part, and never compares a method's name. */
import type { ComponentChildren, ComponentType } from "preact";
import type { Explanation, MethodName, Texts } from "../i18n";

/** What every method says about itself, whatever its family. */
export interface CommonWords {
  name: string;
  /** The button that adds the first one. */
  add: string;
  /** The button of the reset that chooses it. */
  choose: string;
  /** Where more than one can be held: the button that adds one more. */
  another?: string;
  /** What is left to do elsewhere after a removal. */
  removeHint?: string;
}

export interface SentCodeWords extends CommonWords {
  label: string;
  hint: string;
  prefilledTitle: string;
  /** How the code comes. */
  sent: string;
  malformed: string;
  noCode: string;
  /** The same where the code can also be spoken in a call. */
  call?: { choose: string; sent: string; noCode: string };
  /** Told before a contact of this kind is bound. */
  risk?: { title: string; text: string };
}

export interface KeptSecretWords extends CommonWords {
  replace: string;
  intro: string;
  /** The person gives each one a name. Without these words no name is asked for. */
  naming?: { label: string; hint: string; suggestion: string; malformed: string };
  unfinished: string;
  suspect: string;
  /** Where its answers are numbered: how many are left. */
  left?: (of: { left: number }) => string;
  /** The heading of the screen on which the secret is handed over. */
  enrol: { title: string };
  /** The screen of the reset. */
  answer: { title: string; lead: string };
}

/** What surrounds the field in which a code is typed. */
export interface AnswerWords {
  label: string;
  hint: string;
  required: string;
  refused: Explanation;
  /** The answer cannot be right because of its shape; it used up no try. */
  malformed: Explanation;
}

export interface AnswerProps {
  /** The label of the button. */
  submit: string;
  onAnswer: (answer: string) => Promise<void>;
  /** What the service gave for this answer, for methods that need more than a question. */
  challenge: unknown;
  /** Further list items for the person who cannot go on. */
  help: ComponentChildren;
}

export interface EnrolProps {
  /** What the service gave; its shape is the method's own affair. Null after a reload: it is shown once. */
  enrolment: unknown;
  onAnswer: (answer: string) => Promise<void>;
}

/** A code goes out, to a contact that is shown. */
export interface SentCode {
  family: "sent_code";
  name: MethodName;
  words: (t: Texts) => SentCodeWords;
  /** The field in which the contact is typed. */
  contact: { type: "email" | "tel"; inputMode: "email" | "tel"; autocomplete: string };
  /** False where only an administrator may change the contact. */
  correctable: boolean;
}

/** Nothing goes out: the person keeps a secret, or a device that holds one. */
export interface KeptSecret {
  family: "kept_secret";
  name: MethodName;
  words: (t: Texts) => KeptSecretWords;
  /** Hands the secret over and takes the first answer. */
  Enrol: ComponentType<EnrolProps>;
  /** Takes an answer during a reset. */
  Answer: ComponentType<AnswerProps>;
}

export type MethodPart = SentCode | KeptSecret;

/** The methods whose words in the catalogue have everything that a family says. */
type NamesWith<Words> = { [Name in MethodName]: Texts["method"][Name] extends Words ? Name : never }[MethodName];

export function sentCode<Name extends NamesWith<SentCodeWords>>(
  name: Name,
  how: Pick<SentCode, "contact" | "correctable">,
): SentCode {
  return { family: "sent_code", name, words: (t) => t.method[name] as SentCodeWords, ...how };
}

export function keptSecret<Name extends NamesWith<KeptSecretWords>>(
  name: Name,
  how: Pick<KeptSecret, "Enrol" | "Answer">,
): KeptSecret {
  return { family: "kept_secret", name, words: (t) => t.method[name] as KeptSecretWords, ...how };
}
