import { useWords } from "../i18n";
import { helpdeskLink, organisation } from "../organisation";

/** How to reach a person who can help. It stands at the foot of every page and on the help page. */
export function Helpdesk() {
  const { t } = useWords();
  return (
    <p class="helpdesk">
      {organisation.helpdesk === "" ? (
        t.help.contact
      ) : (
        <>
          {t.helpdesk} <a href={helpdeskLink(organisation.helpdesk)}>{organisation.helpdesk}</a>
        </>
      )}
    </p>
  );
}
