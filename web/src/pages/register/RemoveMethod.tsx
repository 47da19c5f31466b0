import { useEffect } from "preact/hooks";
import type { Me, MyMethod } from "../../api/client";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { partOf } from "../../methods";
import { ErrorSummary } from "../../parts/Form";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import { called } from "./MethodCard";
import type { AsMe } from "./useAsMe";

interface RemoveMethodProps {
  mine: MyMethod;
  goOn: boolean;
  asMe: AsMe;
  onRemoved: (me: Me, news: string) => void;
  onBack: () => void;
}

export function RemoveMethod({ mine, goOn, asMe, onRemoved, onBack }: RemoveMethodProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const part = partOf(mine.method);
  const name = part ? called(t, part, mine.label) : mine.method;
  const removeHint = part?.words(t).removeHint;
  const body = mine.credential === "" ? {} : { credential: mine.credential };
  const remove = () =>
    task.run(async () => {
      const me = await asMe((token, proof) => client.remove(token, mine.method, { ...body, ...(proof && { proof }) }));
      onRemoved(me, t.remove.done({ method: name }));
    });
  useEffect(() => {
    if (goOn) void remove();
  }, []);
  return (
    <Step title={t.remove.title({ method: name })} opening={1}>
      {task.problem && <ErrorSummary mistake={explain(t, task.problem)} />}
      {mine.needed && (
        <Notice kind="ask" title={t.remove.neededTitle}>
          <p>{t.remove.needed}</p>
        </Notice>
      )}
      <p class="lead">{t.remove.text({ contact: mine.contact || mine.label || name })}</p>
      {removeHint && <p>{removeHint}</p>}
      <div class="actions">
        <button type="button" class="danger" aria-disabled={task.busy} onClick={() => void remove()}>
          {task.busy ? t.working : t.remove.submit}
        </button>
        <button type="button" class="quiet" onClick={onBack}>
          {t.remove.keep}
        </button>
      </div>
    </Step>
  );
}
