import { useCopy } from "../../hooks/useCopy";
import { useWords } from "../../i18n";
import { Step } from "../../parts/Step";
import { Link } from "../../router";
import type { Ending } from "./gate";
import { StartAgain } from "./StartAgain";

/** A Temporary Access Pass, and how many minutes it is good for. */
export interface Pass {
  text: string;
  minutes: number;
}

interface DoneProps {
  ending: Ending;
  /** Gone after a reload. */
  pass: Pass | undefined;
  onRestart: () => void;
}

export function Done({ ending, pass, onRestart }: DoneProps) {
  const { t } = useWords();
  if (ending === "pass") return pass ? <PassShown {...pass} /> : <PassGone onRestart={onRestart} />;
  const unlocked = ending === "unlock";
  return (
    <Step title={unlocked ? t.reset.unlock.doneTitle : t.reset.done.title} opening={4}>
      <p class="lead">{unlocked ? t.reset.unlock.doneText : t.reset.done.text}</p>
      <p>{t.reset.done.notice}</p>
      <div class="actions">
        <Link to="register" class="secondary">
          {t.reset.done.next}
        </Link>
      </div>
    </Step>
  );
}

function PassShown({ text, minutes }: Pass) {
  const { t } = useWords();
  const words = t.reset.pass;
  const { copy, said } = useCopy(text, words);
  return (
    <Step title={words.doneTitle} opening={4}>
      <p class="lead">{words.doneText({ minutes })}</p>
      <div class="text-key">
        <code id="access-pass" aria-label={words.label}>
          {text}
        </code>
        <div class="actions">
          <button type="button" class="secondary" aria-describedby="access-pass" onClick={copy}>
            {words.copy}
          </button>
          {said && <p class="fine">{said}</p>}
        </div>
      </div>
      <p>{words.once}</p>
      <p>{t.reset.done.notice}</p>
    </Step>
  );
}

function PassGone({ onRestart }: { onRestart: () => void }) {
  const { t } = useWords();
  return (
    <Step title={t.reset.pass.goneTitle} opening={4}>
      <p class="lead">{t.reset.pass.gone}</p>
      <StartAgain onRestart={onRestart} />
    </Step>
  );
}
