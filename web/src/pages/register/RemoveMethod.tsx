import type { Me } from "../../api/client";
import { explain, type MethodName } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { ErrorSummary } from "../../parts/Form";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import type { AsMe } from "./useAsMe";

interface RemoveMethodProps {
  method: MethodName;
  contact: string;
  asMe: AsMe;
  onRemoved: (me: Me, news: string) => void;
  onKeep: () => void;
}

export function RemoveMethod({ method, contact, asMe, onRemoved, onKeep }: RemoveMethodProps) {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const name = t.method[method].name;
  const remove = () =>
    task.run(async () => onRemoved(await asMe((token) => client.remove(token, method)), t.remove.done(name)));
  return (
    <Step title={t.remove.title(name)} opening={1}>
      {task.problem && <ErrorSummary mistake={explain(t, language, task.problem)} />}
      <p class="lead">{t.remove.text(contact)}</p>
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
