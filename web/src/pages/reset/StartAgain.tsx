import { useWords } from "../../i18n";

export function StartAgain({ onRestart }: { onRestart: () => void }) {
  const { t } = useWords();
  return (
    <p class="way-out">
      <button type="button" class="link" onClick={onRestart}>
        {t.startAgain}
      </button>
    </p>
  );
}
