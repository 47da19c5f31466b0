import { useWords } from "../i18n";
import { Step, type Progress } from "./Step";

/** Back leads to a step that is done: there is nothing to do there again, and a form would only refuse. */
export function Passed({ progress, name, onContinue }: { progress?: Progress; name?: string; onContinue: () => void }) {
  const { t } = useWords();
  return (
    <Step title={t.step.doneTitle} opening={2} progress={progress} name={name}>
      <p class="lead">{t.step.done}</p>
      <div class="actions">
        <button type="button" class="primary" onClick={onContinue}>
          {t.step.continue}
        </button>
      </div>
    </Step>
  );
}
