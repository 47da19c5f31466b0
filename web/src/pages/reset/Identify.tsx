import { useState } from "preact/hooks";
import { useBotCheck } from "../../botCheck/useBotCheck";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { useClient } from "../../session";

interface IdentifyProps {
  identifier: string;
  onIdentifier: (identifier: string) => void;
  onStarted: (started: { verification_token: string; methods: string[] }) => void;
}

export function Identify({ identifier, onIdentifier, onStarted }: IdentifyProps) {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const [empty, setEmpty] = useState(false);
  const checked = useBotCheck(task, async (solved) => onStarted(await client.startReset({ identifier: identifier.trim(), ...solved })));
  const submit = () => {
    setEmpty(identifier.trim() === "");
    if (identifier.trim() === "") return task.setProblem(null);
    checked.send();
  };
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.identifier, field: "identifier" }
    : task.problem && { ...explain(t, language, task.problem), field: task.problem.code === "bad_input" ? "identifier" : undefined };

  if (checked.screen) return checked.screen;
  return (
    <Step title={t.reset.identify.title}>
      <Form mistake={mistake} onSubmit={submit}>
        <Field
          id="identifier"
          label={t.field.identifier}
          hint={t.field.identifierHint}
          error={mistake?.field ? mistake.next : undefined}
          value={identifier}
          onValue={onIdentifier}
          autocomplete="username"
        />
        <div class="actions">
          <Submit busy={checked.busy} label={t.reset.identify.submit} />
        </div>
      </Form>
    </Step>
  );
}
