import type { Problem } from "../../api/problem";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { ErrorSummary } from "../../parts/Form";
import { Step } from "../../parts/Step";

export function Loading({ problem, onRetry }: { problem: Problem | null; onRetry: () => void }) {
  const { t } = useWords();
  return (
    <Step title={t.methods.title}>
      {problem === null ? <p role="status">{t.working}</p> : <ErrorSummary mistake={explain(t, problem)} />}
      {problem !== null && (
        <div class="actions">
          <button type="button" class="primary" onClick={onRetry}>
            {t.tryAgain}
          </button>
        </div>
      )}
    </Step>
  );
}
