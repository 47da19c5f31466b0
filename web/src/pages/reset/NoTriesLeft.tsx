import { useWords } from "../../i18n";
import type { Opening } from "../../parts/Door";
import { Help } from "../../parts/Help";
import { Step } from "../../parts/Step";
import type { Header } from "./Reset";

interface NoTriesLeftProps {
  header: Header;
  /** Absent when there is no other method. */
  onAnother: (() => void) | undefined;
  opening: Opening;
  onRestart: () => void;
}

/** A screen of its own: the field for an answer would invite one more try. */
export function NoTriesLeft({ header, onAnother, opening, onRestart }: NoTriesLeftProps) {
  const { t } = useWords();
  return (
    <Step title={t.reset.noTries.title} opening={opening} {...header}>
      <p class="lead">{onAnother ? t.reset.noTries.text : t.reset.noTries.alone}</p>
      <p>{t.reset.noTries.helps}</p>
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
      <Help title={t.reset.choose.lost}>
        <p>{t.reset.choose.lostText}</p>
      </Help>
    </Step>
  );
}
