/** "This was not me": the name, and the code from the notice of a change (rule 29). The answer tells nothing. */
import { useState } from "preact/hooks";
import { useBotCheck } from "../../botCheck/useBotCheck";
import { useTask } from "../../hooks/useTask";
import { explain, explainMisread } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useJourney } from "../../journey";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { useClient } from "../../session";

type Place = { at: "enter" } | { at: "done" };

/** As long as the name is kept. */
const NAME_SECONDS = 900;

export function NotMe() {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const journey = useJourney<{ name: string }, Place>("notMe", { at: "enter" }, { name: "" });
  const [identifier, setIdentifier] = useState(journey.facts.name);
  const [code, setCode] = useState("");
  const [empty, setEmpty] = useState<"identifier" | "code" | null>(null);
  const checked = useBotCheck(task, async (solved) => {
    await client.object({ identifier: identifier.trim(), code: code.trim(), ...solved });
    setCode("");
    journey.end({ at: "done" });
  });

  const submit = () => {
    const gap = identifier.trim() === "" ? "identifier" : code.trim() === "" ? "code" : null;
    setEmpty(gap);
    if (gap !== null) return task.setProblem(null);
    journey.know({ name: identifier.trim() }, NAME_SECONDS); // never the code
    checked.send();
  };

  if (checked.screen) return checked.screen;
  if (journey.place.at === "done") {
    return (
      <Step key="done" title={t.notMe.doneTitle}>
        <p class="lead">{t.notMe.done}</p>
        <Notice kind="ask">{t.notMe.next}</Notice>
        <p>{t.notMe.each}</p>
        <div class="actions">
          <button type="button" class="secondary" onClick={() => journey.go({ at: "enter" })}>
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
      : task.problem && { ...explain(t, task.problem), field: task.problem.code === "bad_input" ? "identifier" : undefined };
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
