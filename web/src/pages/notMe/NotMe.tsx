/** "This was not me": the name, and the code from the notice of a change (rule 29). The answer tells nothing. */
import { useState } from "preact/hooks";
import { useBotCheck } from "../../botCheck/useBotCheck";
import { useTask } from "../../hooks/useTask";
import { explain, explainMisread } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { useClient } from "../../session";

export function NotMe() {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const [identifier, setIdentifier] = useState("");
  const [code, setCode] = useState("");
  const [empty, setEmpty] = useState<"identifier" | "code" | null>(null);
  const [done, setDone] = useState(false);
  const checked = useBotCheck(task, async (solved) => {
    await client.object({ identifier: identifier.trim(), code: code.trim(), ...solved });
    setDone(true);
  });

  const submit = () => {
    const gap = identifier.trim() === "" ? "identifier" : code.trim() === "" ? "code" : null;
    setEmpty(gap);
    if (gap !== null) return task.setProblem(null);
    checked.send();
  };
  const another = () => {
    setCode("");
    setDone(false);
  };

  if (checked.screen) return checked.screen;
  if (done) {
    return (
      <Step key="done" title={t.notMe.doneTitle}>
        <p class="lead">{t.notMe.done}</p>
        <Notice kind="ask">{t.notMe.next}</Notice>
        <p>{t.notMe.each}</p>
        <div class="actions">
          <button type="button" class="secondary" onClick={another}>
            {t.notMe.another}
          </button>
        </div>
      </Step>
    );
  }
  const misread = task.problem?.code === "bad_input" && task.problem.field === "code" ? task.problem : null;
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: empty === "code" ? t.notMe.required : t.field.required.identifier, field: empty }
    : misread
      ? { ...explainMisread(t, t.notMe.malformed, misread), field: "code" }
      : task.problem && { ...explain(t, language, task.problem), field: task.problem.code === "bad_input" ? "identifier" : undefined };
  const wrong = (field: string) => (mistake?.field === field ? mistake.next : undefined);
  return (
    <Step key="enter" title={t.notMe.title}>
      <p class="lead">{t.notMe.text}</p>
      <Form mistake={mistake} onSubmit={submit}>
        <Field
          id="identifier"
          label={t.field.identifier}
          hint={t.field.identifierHint}
          error={wrong("identifier")}
          value={identifier}
          onValue={setIdentifier}
          autocomplete="username"
        />
        <Field id="code" label={t.notMe.code} hint={t.notMe.codeHint} error={wrong("code")} value={code} onValue={setCode} class="code" autocomplete="off" />
        <p>{t.notMe.each}</p>
        <div class="actions">
          <Submit busy={checked.busy} label={t.notMe.submit} />
        </div>
      </Form>
    </Step>
  );
}
