/** The ways in which the code of a method can come. The service says which there are, the same for everybody. */
import type { Texts } from "../i18n";
import type { MethodPart, SentCode, SentCodeWords } from "./part";

export type Channels = Partial<Record<string, readonly string[]>>;

/** One thing to choose: a method, and how its code comes. Empty for a kept secret, and where the service says nothing. */
export interface Way {
  part: MethodPart;
  channel: string;
}

export const channelsOf = (part: MethodPart, channels: Channels): readonly string[] => {
  const known = part.family === "sent_code" ? channels[part.name] : undefined;
  return known === undefined || known.length === 0 ? [""] : known;
};

export const waysOf = (parts: readonly MethodPart[], channels: Channels): Way[] =>
  parts.flatMap((part) => channelsOf(part, channels).map((channel) => ({ part, channel })));

/** What a request says of the way. */
export const asked = (channel: string): { channel?: string } => (channel === "" ? {} : { channel });

export function sentWords(t: Texts, part: SentCode, channel: string): SentCodeWords {
  const words = part.words(t);
  return channel === "voice" ? { ...words, ...words.call } : words;
}

export const chooseWords = (t: Texts, { part, channel }: Way): string =>
  part.family === "sent_code" ? sentWords(t, part, channel).choose : part.words(t).choose;
