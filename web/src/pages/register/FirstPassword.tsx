import { useState } from "preact/hooks";
import type { Session } from "../../api/client";
import type { Problem } from "../../api/problem";
import { explain, ruleText } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { Form, type Mistake } from "../../parts/Form";
import { NewPassword } from "../../parts/NewPassword";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { UsernameForManagers } from "../../parts/UsernameForManagers";
import { useClient } from "../../session";
import type { AsMe } from "./useAsMe";

interface FirstPasswordProps {
  identifier: string;
  asMe: AsMe;
  onDone: (session: Session) => void;
  onBack: () => void;
}

/** The first password of an account that never had one: the last step of an activation (rule 27). */
export function FirstPassword({ identifier, asMe, onDone, onBack }: FirstPasswordProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [password, setPassword] = useState("");
  const [empty, setEmpty] = useState(false);

  const submit = () => {
    setEmpty(password === "");
    if (password === "") return task.setProblem(null);
    void task.run(async () => onDone(await asMe((token) => client.firstPassword(token, { new_password: password }))));
  };
  const explained = (problem: Problem): Mistake => {
    if (problem.outcomeUnknown) return { title: t.reset.password.unknownTitle, next: t.activate.passwordUnknown };
    if (problem.code !== "password_refused") return explain(t, problem);
    const broken = problem.reasons.map((reason) => ruleText(t, reason)).join("; ");
    return { title: t.problem.password_refused.title, next: `${t.rules.refused} ${broken}`, field: "new-password" };
  };
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.password, field: "new-password" }
    : task.problem && explained(task.problem);

  return (
    <Step title={t.activate.passwordTitle} opening={3}>
      <p class="lead">{t.reset.password.text}</p>
      <Form mistake={mistake} onSubmit={submit}>
        <UsernameForManagers identifier={identifier} />
        <NewPassword id="new-password" value={password} onValue={setPassword} error={mistake?.field ? mistake.title : undefined} />
        <div class="actions">
          <Submit busy={task.busy} label={t.activate.passwordSubmit} />
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
