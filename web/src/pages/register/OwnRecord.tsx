/** What happened in the account, and a copy of everything that is kept about its owner. Loaded when it is first asked for. */
import { useEffect, useState } from "preact/hooks";
import type { Happened, Me } from "../../api/client";
import { useTask } from "../../hooks/useTask";
import { useWords } from "../../i18n";
import { explain } from "../../i18n/explain";
import { partOf } from "../../methods";
import { ErrorSummary } from "../../parts/Form";
import { Helpdesk } from "../../parts/Helpdesk";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { Link } from "../../router";
import { useClient } from "../../session";

interface OwnRecordProps {
  token: string;
  me: Me;
  onBack: () => void;
}

export function Activity({ token, me, onBack }: OwnRecordProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [events, setEvents] = useState<readonly Happened[] | null>(null);
  const load = () => task.run(async () => setEvents((await client.activity(token)).events));
  useEffect(() => void load(), []);
  const zone = me.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Step title={t.activity.title} opening={2}>
      {task.problem && <ErrorSummary mistake={explain(t, task.problem)} />}
      {events === null ? (
        task.busy && <p role="status">{t.working}</p>
      ) : events.length === 0 ? (
        <p>{t.activity.empty}</p>
      ) : (
        <>
          <p class="lead">{t.activity.text}</p>
          <p class="fine">{t.activity.zone({ zone })}</p>
          <ol class="events">
            {events.map((event, place) => (
              <Event key={place} event={event} zone={zone} />
            ))}
          </ol>
        </>
      )}
      <div class="actions">
        {task.problem && (
          <button type="button" class="primary" onClick={() => void load()}>
            {t.tryAgain}
          </button>
        )}
        <button type="button" class="quiet" onClick={onBack}>
          {t.finish.more}
        </button>
      </div>
    </Step>
  );
}

function Event({ event, zone }: { event: Happened; zone: string }) {
  const { t, language } = useWords();
  const known: Partial<Record<string, string>> = t.activity.what;
  const name = known[event.what] ?? t.activity.other;
  const part = partOf(event.method);
  const what = part ? t.methods.action({ verb: name, method: part.words(t).name }) : name;
  const at = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(new Date(event.at));
  const by = [event.by_administrator ? t.activity.byAdministrator : "", event.device, event.network].filter(Boolean);
  return (
    <li>
      <strong>{what}</strong>
      <span class="fine">
        <time dateTime={event.at}>{at}</time>
        {by.map((one) => ` · ${one}`)}
      </span>
      {event.not_me && (
        <details>
          <summary aria-label={t.methods.action({ verb: t.notMe.title, method: what })}>{t.notMe.title}</summary>
          {event.not_me === "code" ? (
            <>
              <p>{t.activity.code}</p>
              <p>
                <Link to="notMe">{t.activity.enterCode}</Link>
              </p>
            </>
          ) : (
            <>
              <p>{t.activity.tell({ reference: event.reference })}</p>
              <Helpdesk />
              <p>
                <Link to="password">{t.change.title}</Link>
              </p>
            </>
          )}
        </details>
      )}
    </li>
  );
}

export function OwnData({ token, onBack }: OwnRecordProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [isDone, setDone] = useState(false);
  const download = () =>
    task.run(async () => {
      const copy = JSON.stringify(await client.myData(token), null, 2);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([copy], { type: "application/json" }));
      link.download = t.data.file;
      link.click();
      URL.revokeObjectURL(link.href);
      setDone(true);
    });
  return (
    <Step title={t.data.title} opening={2}>
      {task.problem && <ErrorSummary mistake={explain(t, task.problem)} />}
      {isDone && <Notice kind="good">{t.data.done}</Notice>}
      <p class="lead">{t.data.text}</p>
      <div class="actions">
        <button type="button" class="secondary" aria-disabled={task.busy} onClick={() => void download()}>
          {task.busy ? t.working : t.data.download}
        </button>
      </div>
      <section class="stack">
        <h2>{t.data.eraseTitle}</h2>
        <p>{t.data.erase}</p>
        <Helpdesk />
        <p>{t.data.kept}</p>
      </section>
      <div class="actions">
        <button type="button" class="quiet" onClick={onBack}>
          {t.finish.more}
        </button>
      </div>
    </Step>
  );
}
