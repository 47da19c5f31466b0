/** Setting up what a person keeps: a name for it where there can be several, the secret itself, and a first answer. */
import { useState } from "preact/hooks";
import type { Confirmed } from "../../api/client";
import { Problem } from "../../api/problem";
import { useTask } from "../../hooks/useTask";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { useClient } from "../../session";
import { called, type Keeping } from "./MethodCard";
import type { AsMe } from "./useAsMe";

interface KeepSecretProps extends Keeping {
  /** The names that are taken. */
  labels: readonly string[];
  asMe: AsMe;
  onConfirmed: (me: Confirmed, news: string) => void;
  onBack: () => void;
}

export function KeepSecret({ part, replaces, labels, asMe, onConfirmed, onBack }: KeepSecretProps) {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const words = part.words(t);
  const suggestion = replaces?.label || (words.naming ? freeLabel(words.naming.suggestion, labels) : "");
  const [typed, setTyped] = useState(suggestion);
  // Held only while it is on the screen: whoever comes back gets a new secret.
  const [begun, setBegun] = useState<{ enrolment: unknown; label: string } | null>(null);
  const [spent, setSpent] = useState(false);

  const begin = () => {
    setSpent(false);
    void task.run(async () => {
      const label = words.naming ? typed.trim() || suggestion : "";
      const body = { ...(label !== "" && { label }), ...(replaces && { credential: replaces.credential }) };
      const { enrolment } = await asMe((token, proof) => client.begin(token, part.name, { ...body, ...(proof && { proof }) }));
      setBegun({ enrolment, label });
    });
  };
  const confirm = async (answer: string) => {
    try {
      const me = await asMe((token) => client.confirm(token, part.name, answer));
      onConfirmed(me, t.bind.added({ method: called(t, part, begun?.label ?? "") }));
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "no_tries_left") throw error;
      setSpent(true);
      setBegun(null);
    }
  };
  const back = (
    <p class="way-out">
      <button type="button" class="link" onClick={onBack}>
        {t.back}
      </button>
    </p>
  );

  if (begun !== null) {
    return (
      <Step key="enrol" title={words.enrol.title} opening={1}>
        {replaces && <p class="lead">{t.bind.replaces}</p>}
        <part.Enrol enrolment={begun.enrolment} onAnswer={confirm} />
        {back}
      </Step>
    );
  }

  const mistake = (): Mistake | null => {
    if (spent) return t.bind.setUpAgain;
    if (task.problem === null) return null;
    if (words.naming && task.problem.code === "bad_input" && task.problem.field === "label") {
      return { title: t.problem.bad_input.title, next: words.naming.malformed, field: "label" };
    }
    return explain(t, language, task.problem);
  };
  const said = mistake();
  return (
    <Step key="begin" title={replaces ? words.replace : words.add} opening={1}>
      <p class="lead">{words.intro}</p>
      <Form mistake={said} onSubmit={begin}>
        {words.naming && (
          <Field
            id="label"
            label={words.naming.label}
            hint={words.naming.hint}
            error={said?.field ? said.next : undefined}
            value={typed}
            onValue={setTyped}
            autocomplete="off"
          />
        )}
        {replaces && <p class="fine">{t.bind.replaces}</p>}
        <div class="actions">
          <Submit busy={task.busy} label={t.bind.setUp} />
        </div>
      </Form>
      {back}
    </Step>
  );
}

/** "My phone", then "My phone 2": two entries with one name could not be told apart. */
export function freeLabel(wanted: string, taken: readonly string[]): string {
  let label = wanted;
  for (let number = 2; taken.includes(label); number++) label = `${wanted} ${number}`;
  return label;
}
