import { useWords } from "../../i18n";
import { Step } from "../../parts/Step";
import { Link } from "../../router";

export function Done() {
  const { t } = useWords();
  return (
    <Step title={t.reset.done.title} opening={4}>
      <p class="lead">{t.reset.done.text}</p>
      <p>{t.reset.done.notice}</p>
      <div class="actions">
        <Link to="register" class="secondary">
          {t.reset.done.next}
        </Link>
      </div>
    </Step>
  );
}
