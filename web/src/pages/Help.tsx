import { allParts } from "../methods";
import { useWords } from "../i18n";
import { Helpdesk } from "../parts/Helpdesk";
import { Step } from "../parts/Step";
import { Link } from "../router";

/** What goes wrong most often, and a way to a person. */
export function Help() {
  const { t } = useWords();
  const codes = allParts().filter((part) => part.family === "sent_code");
  return (
    <Step title={t.help.title}>
      <Helpdesk />
      <section class="stack">
        <h2>{t.help.noCode}</h2>
        <ul class="bullets">
          {codes.map((part) => (
            <li key={part.name}>{t.methods.action({ verb: part.words(t).name, method: part.words(t).noCode })}</li>
          ))}
          <li>{t.code.newest}</li>
          <li>{t.help.name}</li>
        </ul>
      </section>
      <section class="stack">
        <h2>{t.help.refused}</h2>
        <p>{t.help.refusedText}</p>
      </section>
      <section class="stack">
        <h2>{t.help.lost}</h2>
        <p>{t.reset.choose.lostText}</p>
      </section>
      <section class="stack">
        <h2>{t.help.notMe}</h2>
        <p>
          <Link to="notMe">{t.notMe.title}</Link>
        </p>
      </section>
      <p class="way-out">
        <Link to="home">{t.home}</Link>
      </p>
    </Step>
  );
}
