import type { Problem } from "../api/problem";
import { explain } from "../i18n/explain";
import { useWords } from "../i18n";
import { ErrorSummary } from "./Form";
import { Step } from "./Step";

interface LoadingProps {
  title: string;
  problem: Problem | null;
  onRetry: () => void;
}

export function Loading({ title, problem, onRetry }: LoadingProps) {
  const { t } = useWords();
  return (
    <Step title={title}>
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
