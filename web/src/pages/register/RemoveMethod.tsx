import type { Me, MyMethod } from "../../api/client";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import type { MethodPart } from "../../methods/part";
import { ErrorSummary } from "../../parts/Form";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import { called } from "./MethodCard";
import type { AsMe } from "./useAsMe";

interface RemoveMethodProps {
  part: MethodPart;
  mine: MyMethod;
  asMe: AsMe;
  onRemoved: (me: Me, news: string) => void;
  onKeep: () => void;
}

export function RemoveMethod({ part, mine, asMe, onRemoved, onKeep }: RemoveMethodProps) {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const name = called(t, part, mine.label);
  const { removeHint } = part.words(t);
  const body = mine.credential === "" ? {} : { credential: mine.credential };
  const remove = () =>
    task.run(async () => {
      const me = await asMe((token, proof) => client.remove(token, part.name, { ...body, ...(proof && { proof }) }));
      onRemoved(me, t.remove.done({ method: name }));
    });
  return (
    <Step title={t.remove.title({ method: name })} opening={1}>
      {task.problem && <ErrorSummary mistake={explain(t, language, task.problem)} />}
      <p class="lead">{t.remove.text({ contact: mine.contact || mine.label || name })}</p>
      {removeHint && <p>{removeHint}</p>}
      <div class="actions">
        <button type="button" class="danger" aria-disabled={task.busy} onClick={() => void remove()}>
          {task.busy ? t.working : t.remove.submit}
        </button>
        <button type="button" class="quiet" onClick={onKeep}>
          {t.remove.keep}
        </button>
      </div>
    </Step>
  );
}
