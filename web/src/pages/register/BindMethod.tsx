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
import { channelOf } from "../../api/channel";
import type { Asked } from "./ConfirmCode";
import type { Binding } from "./MethodCard";
import type { AsMe } from "./useAsMe";

interface BindMethodProps extends Binding {
  asMe: AsMe;
  onAsked: (asked: Asked) => void;
  onBack: () => void;
}

/** Confirm what is known or type what is new; either way a code follows. The risk of text messages is told before. */
export function BindMethod({ method, contact: known, prefilled, replaces, asMe, onAsked, onBack }: BindMethodProps) {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const [asIs, setAsIs] = useState(prefilled);
  const [contact, setContact] = useState(known);
  const [empty, setEmpty] = useState(false);
  const words = t.method[method];
  const change = t.methods.action(t.methods.change, words.name);
  const title = asIs ? t.bind.prefilledTitle[method] : replaces || known !== "" ? change : words.add;

  const submit = () => {
    const typed = contact.trim();
    setEmpty(!asIs && typed === "");
    if (!asIs && typed === "") return task.setProblem(null);
    void task.run(async () => {
      // Without a contact the service confirms the one it has; ours may be an outdated copy.
      const body = { ...(asIs ? {} : { contact: typed }), ...channelOf(method) };
      const { wait } = await asMe((token) => client.begin(token, method, body));
      onAsked({ method, contact: asIs ? known : typed, typed: !asIs, readyAt: readyIn(wait) });
    });
  };
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.contact, field: "contact" }
    : task.problem &&
      (task.problem.code === "bad_input"
        ? { title: t.problem.bad_input.title, next: explainContact(t, method, task.problem), field: asIs ? undefined : "contact" }
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
            type={method === "email" ? "email" : "tel"}
            inputMode={method === "email" ? "email" : "tel"}
            autocomplete={method === "email" ? "email" : "tel"}
          />
        )}
        {replaces && !asIs && <p class="fine">{t.bind.replaces}</p>}
        {method === "mobile_phone" && (
          <Notice kind="plain" title={t.bind.smsTitle}>
            <p>{t.bind.sms}</p>
          </Notice>
        )}
        <div class="actions">
          <Submit busy={task.busy} label={asIs ? t.bind.right : t.bind.submit} />
          {/* M2: an office phone is the administrator’s to correct. */}
          {asIs && method !== "office_phone" && (
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
