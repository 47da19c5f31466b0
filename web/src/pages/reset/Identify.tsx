import { useState } from "preact/hooks";
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

  const submit = () => {
    setEmpty(identifier.trim() === "");
    if (identifier.trim() === "") return task.setProblem(null);
    void task.run(async () => onStarted(await client.startReset({ identifier: identifier.trim() })));
  };
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.identifier, field: "identifier" }
    : task.problem && { ...explain(t, language, task.problem), field: task.problem.code === "bad_input" ? "identifier" : undefined };

  return (
    <Step title={t.reset.identify.title}>
      <Form mistake={mistake} onSubmit={submit}>
        <Field
          id="identifier"
          label={t.field.identifier}
          hint={t.field.identifierHint}
          error={empty ? t.field.required.identifier : undefined}
          value={identifier}
          onValue={onIdentifier}
          autocomplete="username"
        />
        <div class="actions">
          <Submit busy={task.busy} label={t.reset.identify.submit} />
        </div>
      </Form>
    </Step>
  );
}
