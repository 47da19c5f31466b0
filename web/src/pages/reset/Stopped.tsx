import type { ProblemCode } from "../../api/problem";
import { useWords } from "../../i18n";
import { Step } from "../../parts/Step";

/** Every gate was passed, and the reset cannot be finished. What helps depends on why. */
const forTheHelpdesk: readonly ProblemCode[] = ["account_disabled", "frozen", "managed_on_premises", "managed_elsewhere", "managed_by_administrators"];

export const stops = (code: ProblemCode): boolean => [...forTheHelpdesk, "too_late", "overtaken", "proof_not_enough", "not_accepted"].includes(code);

export function Stopped({ code, onRestart }: { code: ProblemCode; onRestart: () => void }) {
  const { t } = useWords();
  const { title, next } = code === "not_accepted" ? t.refused.proof : t.problem[code];
  return (
    <Step title={title} opening={2}>
      <p class="lead">{next}</p>
      {!forTheHelpdesk.includes(code) && (
        <div class="actions">
          <button type="button" class="primary" onClick={onRestart}>
            {t.startAgain}
          </button>
        </div>
      )}
    </Step>
  );
}
