import type { Me } from "../../api/client";
import { explain } from "../../i18n/explain";
import { day, moment, useWords, type Language } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { partOf, partsOf } from "../../methods";
import type { MethodPart } from "../../methods/part";
import type { Opening } from "../../parts/Door";
import { ErrorSummary } from "../../parts/Form";
import { useStage } from "../../parts/Frame";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import type { SignedIn } from "../../session";
import { MessageChoices } from "./MessageChoices";
import { MethodCard } from "./MethodCard";
import type { Facts, Place } from "./steps";

interface MethodListProps {
  me: Me;
  /** With an activation code nothing else can be done here than to register methods. */
  activation?: SignedIn["activation"];
  /** What just happened, said once more where everybody looks. */
  news: string;
  /** The codes that are still to be entered, by method. */
  codes: Facts["codes"];
  onGo: (place: Place) => void;
  /** Without a method, everything is still right. */
  onProve: (method: string) => void;
  onReconfirm: (which?: { method: string; credential?: string }) => Promise<void>;
  onSnooze: () => Promise<void>;
  onWithdrawLoss: () => Promise<void>;
  onLanguage: (language: Language | null) => Promise<void>;
  onTimeZone: (zone: string | null) => Promise<void>;
  onFinish: () => void;
}

export function MethodList(props: MethodListProps) {
  const { me, activation, news, codes, onGo, onProve, onReconfirm, onSnooze, onWithdrawLoss, onLanguage, onTimeZone, onFinish } = props;
  const { t, language } = useWords();
  const { announce } = useStage();
  const task = useTask();
  const registered = me.methods.filter(({ method }) => partOf(method) !== undefined);
  // The password alone changes nothing then, and nothing at all while it is frozen; the service refuses it too.
  const blocked = me.needs_activation && !activation;
  const closed = blocked || me.frozen;
  const addable = closed ? [] : partsOf(me.addable);
  const absent = addable.filter((part) => !registered.some(({ method }) => method === part.name));

  const add = (part: MethodPart) =>
    onGo(
      part.family === "sent_code"
        ? { at: "bind", method: part.name, asIs: false, replaces: false }
        : { at: "keep", method: part.name, credential: "" },
    );
  const asked = activation === undefined && !me.frozen && registered.some((mine) => mine.reconfirm);
  const reconfirm = () =>
    task.run(async () => {
      await onReconfirm();
      announce(t.due.thanks);
    });

  return (
    <Step title={t.methods.title} opening={opening(me)}>
      {task.problem && <ErrorSummary mistake={explain(t, task.problem)} />}
      {news && <Notice kind="good">{news}</Notice>}
      {me.frozen && (
        <Notice kind="ask" title={t.methods.frozenTitle}>
          {t.methods.frozen}
        </Notice>
      )}
      {blocked && (
        <Notice kind="ask" title={t.methods.compromisedTitle}>
          {t.methods.compromisedAll}
        </Notice>
      )}
      {!activation && me.loss_wait_ends_at && me.loss_wait_lapses_at && (
        <Notice kind="ask" title={t.loss.title}>
          <p>
            {Date.parse(me.loss_wait_ends_at) > Date.now()
              ? t.loss.waiting({ date: moment(me.loss_wait_ends_at, language) })
              : t.loss.open({ date: moment(me.loss_wait_lapses_at, language) })}
          </p>
          <button type="button" class="secondary" aria-disabled={task.busy} onClick={() => void task.run(onWithdrawLoss)}>
            {task.busy ? t.working : t.loss.withdraw}
          </button>
        </Notice>
      )}
      {!closed && <p class="lead">{activation ? t.activate.once : t.methods.text}</p>}
      {asked && (
        <Notice kind="ask" title={t.due.title}>
          <p>
            {t.due.text}
            {me.due_at !== null && Date.parse(me.due_at) > Date.now() && ` ${t.due.by({ date: day(me.due_at, language) })}`}
          </p>
          <div class="card-actions">
            <button type="button" class="secondary" aria-disabled={task.busy} onClick={() => void reconfirm()}>
              {task.busy ? t.working : t.due.submit}
            </button>
            {me.snooze_days > 0 && (
              <button type="button" class="quiet" aria-disabled={task.busy} onClick={() => void task.run(onSnooze)}>
                {t.due.later({ days: me.snooze_days })}
              </button>
            )}
          </div>
        </Notice>
      )}
      {me.snoozed_until !== null && <Notice kind="plain">{t.due.laterDone({ date: day(me.snoozed_until, language) })}</Notice>}
      <Enough me={me} />
      {me.lacks.length > 0 && !closed && <Lacking me={me} />}
      {registered.length + addable.length === 0 && !closed && <p>{t.methods.none}</p>}
      <ul class="cards">
        {registered.flatMap((mine, place) => [
          <MethodCard
            key={`${mine.method} ${mine.credential} ${mine.state}`}
            mine={activation ? { ...mine, reconfirm: false } : mine}
            offered={me.offered.includes(mine.method) && !blocked}
            removable={!activation}
            frozen={me.frozen}
            waiting={codes[mine.method]?.contact ?? ""}
            onGo={onGo}
            onProve={onProve}
            onReconfirm={(name) =>
              void task.run(async () => {
                await onReconfirm({ method: mine.method, ...(mine.credential && { credential: mine.credential }) });
                announce(t.due.oneThanks({ method: name }));
              })
            }
          />,
          // After the last one of a kind: one more of it, where the service allows that.
          ...addable
            .filter(({ name }) => name === mine.method && registered[place + 1]?.method !== name)
            .map((part) => (
              <li key={`one more ${part.name}`} class="actions">
                <button type="button" class="secondary" onClick={() => add(part)}>
                  {part.words(t).another ?? part.words(t).add}
                </button>
              </li>
            )),
        ])}
        {absent.map((part) => (
          <li key={part.name} class="card card-absent">
            <h2>{part.words(t).name}</h2>
            <span class="state state-absent">{t.methods.state.absent}</span>
            <div class="card-actions">
              <button type="button" class="secondary" onClick={() => add(part)}>
                {part.words(t).add}
              </button>
            </div>
          </li>
        ))}
      </ul>
      {me.lacks.length === 0 && absent.length > 0 && (
        <Notice kind="plain" title={t.methods.spareTitle}>
          <p>{t.methods.spare}</p>
        </Notice>
      )}
      {!activation && (
        <>
          {me.due_at && !asked && !me.frozen && me.snoozed_until === null && registered.some(isProof) && <p>{t.due.next({ date: day(me.due_at, language) })}</p>}
          <MessageChoices me={me} onLanguage={onLanguage} onTimeZone={onTimeZone} />
          <div class="links">
            <button type="button" class="link" onClick={() => onGo({ at: "activity" })}>
              {t.activity.title}
            </button>
            <button type="button" class="link" onClick={() => onGo({ at: "data" })}>
              {t.data.title}
            </button>
          </div>
        </>
      )}
      <div class="actions">
        <button type="button" class="primary" onClick={onFinish}>
          {activation === "password" ? t.activate.next : t.methods.finish}
        </button>
      </div>
    </Step>
  );
}

/** The service says so, which knows the gates. */
function Enough({ me }: { me: Me }) {
  const { t, language } = useWords();
  if (me.ready) return <Notice kind="good">{t.methods.enough}</Notice>;
  return me.ready_from ? <Notice kind="plain">{t.methods.enoughFrom({ date: moment(me.ready_from, language) })}</Notice> : null;
}

/** What the organisation asks for and why. A reset may be possible without it. */
function Lacking({ me }: { me: Me }) {
  const { t, language } = useWords();
  const words = t.methods;
  const names = partsOf(me.missing).map((part) => part.words(t).name);
  const why = me.lacks.map((lack) => (lack === "another" ? words.lacks.another({ asked: me.asked }) : words.lacks[lack]));
  const possible = me.ready || me.ready_from !== null;
  const renews = me.methods.some(({ state }) => state === "renew");
  return (
    <Notice kind="ask" title={possible ? words.moreTitle : words.missingTitle}>
      {possible && <p>{words.more}</p>}
      <p>
        {renews ? words.renewAll : why.join(" ")} {!renews && names.length > 0 && words.setUp({ names: new Intl.ListFormat(language, { type: "disjunction" }).format(names) })}
      </p>
    </Notice>
  );
}

export const isProof = ({ state }: { state: string }): boolean => ["confirmed", "stale", "suspect"].includes(state);

/** The same door as in a reset: open once the confirmed methods suffice. */
const opening = (me: Me): Opening => (me.ready ? 4 : me.methods.some(isProof) ? 2 : 1);
