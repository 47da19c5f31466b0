import { useEffect, useState } from "preact/hooks";
import { explain, explainContact } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import type { SentCode } from "../../methods/part";
import { asked, sentWords } from "../../methods/ways";
import { tellCodeAsked } from "../../otherTabs";
import { inSeconds } from "../../parts/CodeForm";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { useClient } from "../../session";
import type { CodeAsked } from "./steps";
import type { AsMe } from "./useAsMe";

interface BindMethodProps {
  part: SentCode;
  /** Confirm what is known, or type what is new. */
  asIs: boolean;
  known: string;
  /** How the code can come, the usual way first. */
  channels: readonly string[];
  /** The way that was chosen before a step in between. */
  channel: string | undefined;
  onChannel: (channel: string) => void;
  /** A confirmed one stays in use until the new one is confirmed. */
  replaces: boolean;
  /** What was typed before. */
  draft: string;
  goOn: boolean;
  asMe: AsMe;
  onAsked: (code: CodeAsked) => void;
  onCorrect: () => void;
  onBack: () => void;
}

/** Confirm what is known or type what is new; either way a code follows. The risk of text messages is told before. */
export function BindMethod({ part, asIs, known, channels, channel: before, onChannel, replaces, draft, goOn, asMe, onAsked, onCorrect, onBack }: BindMethodProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [contact, setContact] = useState(draft);
  const [empty, setEmpty] = useState(false);
  const words = part.words(t);
  const change = t.methods.action({ verb: t.methods.change, method: words.name });
  const title = asIs ? words.prefilledTitle : replaces || known !== "" ? change : words.add;

  const submit = (channel = before ?? channels[0] ?? "") => {
    const typed = contact.trim();
    setEmpty(!asIs && typed === "");
    if (!asIs && typed === "") return task.setProblem(null);
    onChannel(channel);
    void task.run(async () => {
      // Without a contact the service confirms the one it has; ours may be an outdated copy.
      const body = { ...(asIs ? {} : { contact: typed }), ...asked(channel) };
      const begun = await asMe((token, proof) => client.begin(token, part.name, { ...body, ...(proof && { proof }) }), typed);
      tellCodeAsked();
      onAsked({ contact: asIs ? known : typed, channel, typed: !asIs, readyAt: inSeconds(begun.wait), endsAt: inSeconds(begun.code_expires_in) });
    });
  };
  useEffect(() => {
    if (goOn) submit();
  }, []);
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.contact, field: "contact" }
    : task.problem &&
      (task.problem.code === "bad_input"
        ? { title: t.problem.bad_input.title, next: explainContact(t, words, task.problem), field: asIs ? undefined : "contact" }
        : explain(t, task.problem));

  return (
    <Step key={String(asIs)} title={title} opening={1}>
      <Form mistake={mistake} onSubmit={() => submit(channels[0])}>
        {asIs ? (
          <p class="contact contact-large" translate={false}>
            {known}
          </p>
        ) : (
          <Field
            id="contact"
            label={words.label}
            hint={words.hint}
            error={mistake?.field ? mistake.next : undefined}
            value={contact}
            onValue={setContact}
            {...part.contact}
          />
        )}
        {replaces && !asIs && <p class="fine">{t.bind.replaces}</p>}
        {words.risk && (
          <Notice kind="plain" title={words.risk.title}>
            <p>{words.risk.text}</p>
          </Notice>
        )}
        <div class="actions">
          <Submit busy={task.busy} label={asIs ? t.bind.right : t.bind.submit} />
          {channels.slice(1).map((other) => (
            <button type="button" class="secondary" aria-disabled={task.busy} onClick={() => !task.busy && submit(other)}>
              {sentWords(t, part, other).choose}
            </button>
          ))}
          {asIs && part.correctable && (
            <button type="button" class="quiet" onClick={onCorrect}>
              {t.bind.wrong}
            </button>
          )}
        </div>
      </Form>
      <p class="way-out">
        <button type="button" class="link" onClick={onBack}>
          {t.back}
        </button>
      </p>
    </Step>
  );
}
