import type { Me } from "../../api/client";
import { explain, isMethodName, type MethodName } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import type { Opening } from "../../parts/Door";
import { ErrorSummary } from "../../parts/Form";
import { useStage } from "../../parts/Frame";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { MethodCard, type Binding } from "./MethodCard";

interface MethodListProps {
  me: Me;
  /** What just happened, said once more where everybody looks. */
  news: string;
  onBind: (binding: Binding) => void;
  /** The method whose code is still to be entered, if one was asked for on this page. */
  awaiting: MethodName | undefined;
  onCode: (method: MethodName, contact: string) => void;
  onRemove: (method: MethodName, contact: string) => void;
  onReconfirm: () => Promise<void>;
  onFinish: () => void;
}

export function MethodList({ me, news, awaiting, onBind, onCode, onRemove, onReconfirm, onFinish }: MethodListProps) {
  const { t, language } = useWords();
  const { announce } = useStage();
  const task = useTask();
  const registered = me.methods.filter(({ method }) => isMethodName(method));
  const absent = me.offered.filter(isMethodName).filter((name) => !registered.some(({ method }) => method === name));
  const due = me.due_at !== null && Date.parse(me.due_at) <= Date.now() && registered.some(isProof);
  const names = new Intl.ListFormat(language, { type: "disjunction" });

  const reconfirm = () =>
    task.run(async () => {
      await onReconfirm();
      announce(t.due.thanks);
    });

  return (
    <Step title={t.methods.title} opening={opening(me)}>
      {task.problem && <ErrorSummary mistake={explain(t, language, task.problem)} />}
      {news && <Notice kind="good">{news}</Notice>}
      <p class="lead">{t.methods.text}</p>
      {due && (
        <Notice kind="ask" title={t.due.title}>
          <p>{t.due.text}</p>
          <button type="button" class="secondary" aria-disabled={task.busy} onClick={() => void reconfirm()}>
            {task.busy ? t.working : t.due.submit}
          </button>
        </Notice>
      )}
      {me.missing.length > 0 ? (
        <Notice kind="ask" title={t.methods.missingTitle}>
          <p>{t.methods.missing(names.format(me.missing.filter(isMethodName).map((name) => t.method[name].name)))}</p>
        </Notice>
      ) : (
        registered.some(isProof) && <Notice kind="good">{t.methods.enough}</Notice>
      )}
      {registered.length + absent.length === 0 && <p>{t.methods.none}</p>}
      <ul class="cards">
        {registered.map((mine) => (
          <MethodCard
            key={`${mine.method} ${mine.state}`}
            mine={mine}
            offered={me.offered.includes(mine.method)}
            onBind={onBind}
            awaitsCode={mine.method === awaiting}
            onCode={() => isMethodName(mine.method) && onCode(mine.method, mine.contact)}
            onRemove={onRemove}
          />
        ))}
        {absent.map((name) => (
          <li key={name} class="card card-absent">
            <h2>{t.method[name].name}</h2>
            <span class="state state-absent">{t.methods.state.absent}</span>
            <div class="card-actions">
              <button type="button" class="secondary" onClick={() => onBind({ method: name, contact: "", prefilled: false, replaces: false })}>
                {t.method[name].add}
              </button>
            </div>
          </li>
        ))}
      </ul>
      {me.missing.length === 0 && absent.length > 0 && (
        <Notice kind="plain" title={t.methods.spareTitle}>
          <p>{t.methods.spare}</p>
        </Notice>
      )}
      <div class="actions">
        <button type="button" class="primary" onClick={onFinish}>
          {t.methods.finish}
        </button>
      </div>
    </Step>
  );
}

export const isProof = ({ state }: { state: string }): boolean => ["confirmed", "stale", "suspect"].includes(state);

/** The same door as in a reset: open once the confirmed methods suffice. */
const opening = (me: Me): Opening => (me.missing.length === 0 ? 4 : me.methods.some(isProof) ? 2 : 1);
