import type { MyMethod } from "../../api/client";
import { methodState, type MethodState } from "../../i18n/explain";
import { day, moment, useWords, type Texts } from "../../i18n";
import { partOf } from "../../methods";
import type { MethodPart } from "../../methods/part";
import type { Place } from "./steps";

/** "Authenticator app “Pixel 9”": of several, the name alone would not say which. */
export const called = (t: Texts, part: MethodPart, label: string): string => {
  const { name } = part.words(t);
  return label === "" ? name : t.methods.named({ method: name, label });
};

/** When a method that cannot be used for a reset yet will be usable; null for all others. */
export const restsUntil = ({ usable_from: usableFrom }: MyMethod): string | null =>
  usableFrom !== null && Date.parse(usableFrom) > Date.now() ? usableFrom : null;

/** Who entered it. */
const BY = { administrator: "byOrganisation", directory: "byDirectory", self: "byYou" } as const;

interface MethodCardProps {
  mine: MyMethod;
  offered: boolean;
  removable: boolean;
  /** Nothing can be done with it now. */
  frozen: boolean;
  /** The contact whose code is still to be entered: asked for on this page, and perhaps unknown to the service by now. */
  waiting: string;
  onGo: (place: Place) => void;
  onReconfirm: (name: string) => void;
  /** An answer by what is kept confirms it again. */
  onProve: (method: string) => void;
}

export function MethodCard({ mine, offered, removable, frozen, waiting, onGo, onReconfirm, onProve }: MethodCardProps) {
  const { t, language } = useWords();
  const { method, credential, contact, label, confirmed_at: confirmedAt } = mine;
  const part = partOf(method);
  if (part === undefined) return null;
  const state = methodState(mine.state);
  const words = t.methods;
  const until = restsUntil(mine);
  const left = part.family === "kept_secret" && mine.left !== null && part.words(t).left?.({ left: mine.left });
  const change = mine.pending_contact ?? waiting;
  const isChange = state !== "pending" && change !== "" && change !== contact;

  const name = called(t, part, label);
  // "Remove" alone says nothing in a list of buttons read aloud; the name of the method goes along.
  const button = (verb: string, kind: string, to: Place | (() => void)) => (
    <button type="button" class={kind} aria-label={words.action({ verb, method: name })} onClick={() => (typeof to === "function" ? to() : onGo(to))}>
      {verb}
    </button>
  );
  const renewBy = mine.opens_until !== null && Date.parse(mine.opens_until) > Date.now() ? day(mine.opens_until, language) : null;
  const stillRight = mine.reconfirm && button(t.due.one, "secondary", () => onReconfirm(name));
  const bind = (asIs: boolean, replaces: boolean): Place => ({ at: "bind", method, asIs, replaces });
  const remove = button(words.remove, "quiet", { at: "remove", method, credential });

  return (
    <li class={`card card-${state}`}>
      <h2>{part.words(t).name}</h2>
      <span class={`state state-${state}`}>{words.state[state]}</span>
      {contact + label !== "" && (
        <p class="contact" translate={false}>
          {contact || label}
        </p>
      )}
      <p class="fine">
        {mine.set_at && `${words[BY[mine.source]]({ date: day(mine.set_at, language) })} `}
        {state === "confirmed" ? confirmedAt && words.confirmed({ date: day(confirmedAt, language) }) : stateText(t, part, state, mine.start_to, renewBy)}
        {left && ` ${left}`}
        {until && ` ${words.resting({ date: moment(until, language) })}`}
      </p>
      {mine.permission !== "" && <p class="fine">{words.permission({ who: mine.attested_by, basis: mine.permission })}</p>}
      {mine.offered_contact !== "" && <p class="pending-change">{words.offered({ contact: mine.offered_contact })}</p>}
      {isChange && <p class="pending-change">{words.pendingChange({ contact: change })}</p>}
      {frozen ? null : part.family === "sent_code" ? (
        <div class="card-actions">
          {stillRight}
          {(state === "pending" || change !== "") && button(words.enterCode, "secondary", { at: "code", method })}
          {state === "prefilled" && button(words.confirm, "secondary", bind(true, false))}
          {((state === "stale" && !mine.reconfirm) || state === "renew" || (state === "compromised" && !removable) || (state === "suspect" && contact !== "")) &&
            button(words.check, "secondary", bind(true, true))}
          {offered && part.correctable && state !== "prefilled" && button(words.change, "quiet", bind(false, state !== "pending"))}
          {offered && removable && state !== "prefilled" && remove}
        </div>
      ) : (
        <div class="card-actions">
          {stillRight}
          {offered && state === "renew" && button(words.check, "secondary", () => onProve(method))}
          {offered && state !== "pending" && button(words.replace, "quiet", { at: "keep", method, credential })}
          {offered && removable && remove}
        </div>
      )}
    </li>
  );
}

/** Some states mean something else for what is kept: no code was sent, and no message failed. */
function stateText(t: Texts, part: MethodPart, state: Exclude<MethodState, "confirmed">, startTo: string, soon: string | null): string {
  if (state === "renew" && soon !== null) return t.methods.renewBy({ date: soon });
  if (state === "opted_out") return startTo === "" ? t.methods.optedOutUnheard : t.methods.optedOut({ number: startTo });
  if (state === "used_up") return ""; // the part says how many are left
  if (part.family === "kept_secret" && state === "pending") return part.words(t).unfinished;
  if (part.family === "kept_secret" && state === "suspect") return part.words(t).suspect;
  return t.methods[state];
}
