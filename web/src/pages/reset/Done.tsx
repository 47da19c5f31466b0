import { useWords } from "../../i18n";
import { Step } from "../../parts/Step";
import { Link } from "../../router";

export function Done({ unlocked }: { unlocked: boolean }) {
  const { t } = useWords();
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
