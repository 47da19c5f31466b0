import { useState } from "preact/hooks";
import { useBotCheck } from "../../botCheck/useBotCheck";
import { explain, explainMisread } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { signedIn, useClient, type SignedIn } from "../../session";

interface EnterCodeProps {
  /** The time of an earlier opening is over. */
  timeUp: boolean;
  onOpened: (who: SignedIn) => void;
}

export function EnterCode({ timeUp, onOpened }: EnterCodeProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [identifier, setIdentifier] = useState("");
  const [code, setCode] = useState("");
  const [empty, setEmpty] = useState<"identifier" | "code" | null>(null);
  const checked = useBotCheck(task, async (solved) => {
    const name = identifier.trim();
    const opened = await client.activate({ identifier: name, code: code.trim(), ...solved });
    onOpened({ ...signedIn(name, opened), activation: opened.first_password ? "password" : "methods" });
  });

  const submit = () => {
    const gap = identifier.trim() === "" ? "identifier" : code.trim() === "" ? "code" : null;
    setEmpty(gap);
    if (gap !== null) return task.setProblem(null);
    checked.send();
  };

  if (checked.screen) return checked.screen;
  const { problem } = task;
  const misread = problem?.code === "bad_input" && problem.field === "code" ? problem : null;
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: empty === "code" ? t.activate.required : t.field.required.identifier, field: empty }
    : misread
      ? { ...explainMisread(t, t.activate.malformed, misread), field: "code" }
      : problem && { ...explain(t, problem, "activation"), field: problem.code === "bad_input" ? "identifier" : problem.code === "not_accepted" ? "code" : undefined };
  const wrong = (field: string) => (mistake?.field === field ? mistake.next : undefined);
  return (
    <Step title={t.activate.title}>
      {timeUp && <Notice kind="ask">{t.activate.timeUp}</Notice>}
      <p class="lead">{t.activate.text}</p>
      <Form mistake={mistake} onSubmit={submit}>
        <Field
          id="identifier"
          label={t.field.identifier}
          hint={t.activate.nameHint}
          error={wrong("identifier")}
          value={identifier}
          onValue={setIdentifier}
          autocomplete="username"
        />
        <Field id="code" label={t.activate.code} hint={t.activate.codeHint} error={wrong("code")} value={code} onValue={setCode} class="code code-long" autocomplete="off" />
        <div class="actions">
          <Submit busy={checked.busy} label={t.activate.submit} />
        </div>
      </Form>
    </Step>
  );
}
