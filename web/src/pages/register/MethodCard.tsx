import type { MyMethod } from "../../api/client";
import { isMethodName, methodState, type MethodName } from "../../i18n/explain";
import { day, moment, useWords } from "../../i18n";

export interface Binding {
  method: MethodName;
  contact: string;
  prefilled: boolean;
  /** A confirmed one stays in use until the new one is confirmed. */
  replaces: boolean;
}

interface MethodCardProps {
  mine: MyMethod;
  offered: boolean;
  /** A code was asked for on this page and not yet entered; a change of a confirmed method is known only here. */
  awaitsCode: boolean;
  onBind: (binding: Binding) => void;
  onCode: () => void;
  onRemove: (method: MethodName, contact: string) => void;
}

export function MethodCard({ mine, offered, awaitsCode, onBind, onCode, onRemove }: MethodCardProps) {
  const { t, language } = useWords();
  const { method, contact, confirmed_at: confirmedAt, usable_from: usableFrom } = mine;
  if (!isMethodName(method)) return null;
  const state = methodState(mine.state);
  const words = t.methods;
  const name = t.method[method].name;
  const resting = usableFrom !== null && Date.parse(usableFrom) > Date.now();

  // "Remove" alone says nothing in a list of buttons read aloud; the name of the method goes along.
  const button = (verb: string, kind: string, act: () => void) => (
    <button type="button" class={kind} aria-label={words.action(verb, name)} onClick={act}>
      {verb}
    </button>
  );
  const bind = (prefilled: boolean, replaces: boolean) => () => onBind({ method, contact, prefilled, replaces });

  return (
    <li class={`card card-${state}`}>
      <h2>{name}</h2>
      <span class={`state state-${state}`}>{words.state[state]}</span>
      <p class="contact">{contact}</p>
      <p class="fine">
        {state === "confirmed" ? confirmedAt && words.confirmed(day(confirmedAt, language)) : words[state]}
        {resting && ` ${words.resting(moment(usableFrom, language))}`}
      </p>
      <div class="card-actions">
        {(state === "pending" || awaitsCode) && button(words.enterCode, "secondary", onCode)}
        {state === "prefilled" && button(words.confirm, "secondary", bind(true, false))}
        {(state === "stale" || (state === "suspect" && contact !== "")) && button(words.check, "secondary", bind(true, true))}
        {offered && state !== "prefilled" && button(words.change, "quiet", () => onBind({ method, contact: "", prefilled: false, replaces: state !== "pending" }))}
        {offered && state !== "prefilled" && button(words.remove, "quiet", () => onRemove(method, contact))}
      </div>
    </li>
  );
}
