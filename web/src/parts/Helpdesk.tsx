import { useWords } from "../i18n";

/** How to reach a person who can help. It stands at the foot of every page and on the help page. */
export function Helpdesk() {
  const { t } = useWords();
  return <p class="helpdesk">{t.help.contact}</p>;
}
