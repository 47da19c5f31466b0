import { useWords } from "../i18n";

/** Stays focusable while it works: a disabled button loses the focus, and a keyboard user with it. */
export function Submit({ busy, label }: { busy: boolean; label: string }) {
  const { t } = useWords();
  return (
    <button type="submit" class="primary" aria-disabled={busy}>
      {busy ? t.working : label}
    </button>
  );
}
