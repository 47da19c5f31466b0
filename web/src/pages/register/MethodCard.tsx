import type { MyMethod } from "../../api/client";
import { methodState } from "../../i18n/explain";
import { day, moment, useWords, type Texts } from "../../i18n";
import { partOf } from "../../methods";
import type { KeptSecret, MethodPart, SentCode } from "../../methods/part";

/** What a contact is to be bound with. */
export interface Binding {
  part: SentCode;
  contact: string;
  prefilled: boolean;
  /** A confirmed one stays in use until the new one is confirmed. */
  replaces: boolean;
}

/** A secret that is to be set up, in place of the one that it replaces. */
export interface Keeping {
  part: KeptSecret;
  replaces: MyMethod | undefined;
}

/** "Authenticator app “Pixel 9”": of several, the name alone would not say which. */
export const called = (t: Texts, part: MethodPart, label: string): string => {
  const { name } = part.words(t);
  return label === "" ? name : t.methods.named({ method: name, label });
};

/** When a method that cannot be used for a reset yet will be usable; null for all others. */
export const restsUntil = ({ usable_from: usableFrom }: MyMethod): string | null =>
  usableFrom !== null && Date.parse(usableFrom) > Date.now() ? usableFrom : null;

interface MethodCardProps {
  mine: MyMethod;
  offered: boolean;
  /** A code was asked for on this page and not yet entered; a change of a confirmed method is known only here. */
  awaitsCode: boolean;
  onBind: (binding: Binding) => void;
  onKeep: (keeping: Keeping) => void;
  onCode: (part: SentCode, contact: string) => void;
  onRemove: (part: MethodPart, mine: MyMethod) => void;
}

export function MethodCard({ mine, offered, awaitsCode, onBind, onKeep, onCode, onRemove }: MethodCardProps) {
  const { t, language } = useWords();
  const { contact, label, confirmed_at: confirmedAt } = mine;
  const part = partOf(mine.method);
  if (part === undefined) return null;
  const state = methodState(mine.state);
  const words = t.methods;
  const until = restsUntil(mine);

  // "Remove" alone says nothing in a list of buttons read aloud; the name of the method goes along.
  const button = (verb: string, kind: string, act: () => void) => (
    <button type="button" class={kind} aria-label={words.action({ verb, method: called(t, part, label) })} onClick={act}>
      {verb}
    </button>
  );
  const remove = button(words.remove, "quiet", () => onRemove(part, mine));
  const bind = (one: SentCode, prefilled: boolean, replaces: boolean) => () => onBind({ part: one, contact, prefilled, replaces });

  return (
    <li class={`card card-${state}`}>
      <h2>{part.words(t).name}</h2>
      <span class={`state state-${state}`}>{words.state[state]}</span>
      {contact + label !== "" && <p class="contact">{contact || label}</p>}
      <p class="fine">
        {state === "confirmed" ? confirmedAt && words.confirmed({ date: day(confirmedAt, language) }) : stateText(t, part, state)}
        {until && ` ${words.resting({ date: moment(until, language) })}`}
      </p>
      {part.family === "sent_code" ? (
        <div class="card-actions">
          {(state === "pending" || awaitsCode) && button(words.enterCode, "secondary", () => onCode(part, contact))}
          {state === "prefilled" && button(words.confirm, "secondary", bind(part, true, false))}
          {(state === "stale" || (state === "suspect" && contact !== "")) && button(words.check, "secondary", bind(part, true, true))}
          {offered && part.correctable && state !== "prefilled" &&
            button(words.change, "quiet", () => onBind({ part, contact: "", prefilled: false, replaces: state !== "pending" }))}
          {offered && state !== "prefilled" && remove}
        </div>
      ) : (
        <div class="card-actions">
          {offered && state !== "pending" && button(words.replace, "quiet", () => onKeep({ part, replaces: mine }))}
          {offered && remove}
        </div>
      )}
    </li>
  );
}

/** Some states mean something else for what is kept: no code was sent, and no message failed. */
function stateText(t: Texts, part: MethodPart, state: "prefilled" | "pending" | "stale" | "suspect"): string {
  if (part.family === "kept_secret" && state === "pending") return part.words(t).unfinished;
  if (part.family === "kept_secret" && state === "suspect") return part.words(t).suspect;
  return t.methods[state];
}
