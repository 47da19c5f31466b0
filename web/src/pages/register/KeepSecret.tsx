/** Before a secret is shown: what it is, and a name for it where there can be several. */
import { useEffect, useState } from "preact/hooks";
import type { MyMethod } from "../../api/client";
import { useTask } from "../../hooks/useTask";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import type { KeptSecret } from "../../methods/part";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { useClient } from "../../session";
import type { AsMe } from "./useAsMe";

interface KeepSecretProps {
  part: KeptSecret;
  replaces: MyMethod | undefined;
  /** The names that are taken. */
  labels: readonly string[];
  draft: string;
  /** Too many first answers were wrong, and it must be set up anew. */
  spent: boolean;
  goOn: boolean;
  asMe: AsMe;
  onBegun: (enrolment: unknown, label: string) => void;
  onBack: () => void;
}

export function KeepSecret({ part, replaces, labels, draft, spent, goOn, asMe, onBegun, onBack }: KeepSecretProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const words = part.words(t);
  const suggestion = replaces?.label || (words.naming ? freeLabel(words.naming.suggestion, labels) : "");
  const [typed, setTyped] = useState(draft || suggestion);

  const begin = () =>
    void task.run(async () => {
      const label = words.naming ? typed.trim() || suggestion : "";
      const body = { ...(label !== "" && { label }), ...(replaces && { credential: replaces.credential }) };
      const { enrolment } = await asMe((token, proof) => client.begin(token, part.name, { ...body, ...(proof && { proof }) }), label);
      onBegun(enrolment, label);
    });
  useEffect(() => {
    if (goOn) begin();
  }, []);

  const mistake = (): Mistake | null => {
    if (task.problem === null) return spent && !task.busy ? t.bind.setUpAgain : null;
    if (words.naming && task.problem.code === "bad_input" && task.problem.field === "label") {
      return { title: t.problem.bad_input.title, next: words.naming.malformed, field: "label" };
    }
    return explain(t, task.problem);
  };
  const said = mistake();
  return (
    <Step title={replaces ? words.replace : words.add} opening={1}>
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
      <p class="way-out">
        <button type="button" class="link" onClick={onBack}>
          {t.back}
        </button>
      </p>
    </Step>
  );
}

/** "My phone", then "My phone 2": two entries with one name could not be told apart. */
export function freeLabel(wanted: string, taken: readonly string[]): string {
  let label = wanted;
  for (let number = 2; taken.includes(label); number++) label = `${wanted} ${number}`;
  return label;
}
