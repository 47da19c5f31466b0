import { useWords } from "../i18n";
import { Step } from "../parts/Step";
import { Link } from "../router";

export function NoSuchPage() {
  const { t } = useWords();
  return (
    <Step title={t.noSuchPage.title}>
      <p class="lead">{t.noSuchPage.text}</p>
      <div class="actions">
        <Link to="home" class="primary">
          {t.noSuchPage.home}
        </Link>
      </div>
    </Step>
  );
}
