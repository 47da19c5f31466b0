import { useState } from "preact/hooks";
import type { Started } from "../../api/client";
import { useBotCheck } from "../../botCheck/useBotCheck";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { useClient } from "../../session";

interface IdentifyProps {
  identifier: string;
  onIdentifier: (identifier: string) => void;
  timeUp: boolean;
  onSubmit: () => void;
  /** Present for the name of the journey that is under way: goes on without a new start, of which there are few. */
  onSame: (() => void) | undefined;
  onStarted: (started: Started) => void;
}

export function Identify({ identifier, onIdentifier, timeUp, onSubmit, onSame, onStarted }: IdentifyProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [empty, setEmpty] = useState(false);
  const checked = useBotCheck(task, async (solved) => onStarted(await client.startReset({ identifier: identifier.trim(), ...solved })));
  const submit = () => {
    setEmpty(identifier.trim() === "");
    if (identifier.trim() === "") return task.setProblem(null);
    if (onSame) return onSame();
    onSubmit();
    checked.send();
  };
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.identifier, field: "identifier" }
    : task.problem && { ...explain(t, task.problem), field: task.problem.code === "bad_input" ? "identifier" : undefined };

  if (checked.screen) return checked.screen;
  return (
    <Step title={t.reset.identify.title}>
      {timeUp && <Notice kind="ask">{t.step.timeUp}</Notice>}
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
