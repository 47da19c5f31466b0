import { useWords } from "../../i18n";
import type { Opening } from "../../parts/Door";
import { Step } from "../../parts/Step";

interface NoTriesLeftProps {
  /** Absent when there is no other method. */
  onAnother: (() => void) | undefined;
  opening: Opening;
  onRestart: () => void;
}

/** A screen of its own: the field for an answer would invite one more try. */
export function NoTriesLeft({ onAnother, opening, onRestart }: NoTriesLeftProps) {
  const { t } = useWords();
  return (
    <Step title={t.reset.noTries.title} opening={opening}>
      <p class="lead">{onAnother ? t.reset.noTries.text : t.reset.noTries.alone}</p>
      <div class="actions">
        {onAnother && (
          <button type="button" class="primary" onClick={onAnother}>
            {t.reset.code.another}
          </button>
        )}
        <button type="button" class={onAnother ? "secondary" : "primary"} onClick={onRestart}>
          {t.startAgain}
        </button>
      </div>
    </Step>
  );
}
