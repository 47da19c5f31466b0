import { useState } from "preact/hooks";
import { explain, explainContact } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { readyIn } from "../../parts/CodeForm";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { useClient } from "../../session";
import type { Asked } from "./ConfirmCode";
import type { Binding } from "./MethodCard";
import type { AsMe } from "./useAsMe";

interface BindMethodProps extends Binding {
  asMe: AsMe;
  onAsked: (asked: Asked) => void;
  onBack: () => void;
}

/** Confirm what is known or type what is new; either way a code follows. The risk of text messages is told before. */
export function BindMethod({ part, contact: known, prefilled, replaces, asMe, onAsked, onBack }: BindMethodProps) {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const [asIs, setAsIs] = useState(prefilled);
  const [contact, setContact] = useState(known);
  const [empty, setEmpty] = useState(false);
  const words = part.words(t);
  const change = t.methods.action({ verb: t.methods.change, method: words.name });
  const title = asIs ? words.prefilledTitle : replaces || known !== "" ? change : words.add;

  const submit = () => {
    const typed = contact.trim();
    setEmpty(!asIs && typed === "");
    if (!asIs && typed === "") return task.setProblem(null);
    void task.run(async () => {
      // Without a contact the service confirms the one it has; ours may be an outdated copy.
      const body = { ...(asIs ? {} : { contact: typed }), ...(part.channel && { channel: part.channel }) };
      const { wait } = await asMe((token, proof) => client.begin(token, part.name, { ...body, ...(proof && { proof }) }));
      onAsked({ part, contact: asIs ? known : typed, typed: !asIs, readyAt: readyIn(wait) });
    });
  };
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.contact, field: "contact" }
    : task.problem &&
      (task.problem.code === "bad_input"
        ? { title: t.problem.bad_input.title, next: explainContact(t, words, task.problem), field: asIs ? undefined : "contact" }
        : explain(t, language, task.problem));

  return (
    <Step key={String(asIs)} title={title} opening={1}>
      <Form mistake={mistake} onSubmit={submit}>
        {asIs ? (
          <p class="contact contact-large">{known}</p>
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
          {asIs && part.correctable && (
            <button type="button" class="quiet" onClick={() => setAsIs(false)}>
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
