import { useState } from "preact/hooks";
import { Problem, type ProblemCode } from "../../api/problem";
import { explain, ruleText } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { Form, type Mistake } from "../../parts/Form";
import { NewPassword } from "../../parts/NewPassword";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { UsernameForManagers } from "../../parts/UsernameForManagers";
import { useClient } from "../../session";
import type { Header } from "./Reset";
import { StartAgain } from "./StartAgain";
import { stops } from "./Stopped";

interface SetPasswordProps {
  token: string;
  identifier: string;
  header: Header;
  onToken: (token: string) => void;
  onDone: () => void;
  /** The reset cannot be finished, whatever password is chosen. */
  onStopped: (code: ProblemCode) => void;
  onRestart: () => void;
}

export function SetPassword({ token, identifier, header, onToken, onDone, onStopped, onRestart }: SetPasswordProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [password, setPassword] = useState("");
  const [empty, setEmpty] = useState(false);

  const submit = () => {
    setEmpty(password === "");
    if (password === "") return task.setProblem(null);
    void task.run(async () => {
      try {
        await client.complete({ reset_token: token, new_password: password });
        onDone();
      } catch (error) {
        if (error instanceof Problem && stops(error.code)) return onStopped(error.code);
        // The refused password keeps the proof: the fresh token lets the next one be tried without new codes.
        if (error instanceof Problem && error.resetToken !== undefined) onToken(error.resetToken);
        throw error;
      }
    });
  };

  const explained = (problem: Problem): Mistake => {
    if (problem.outcomeUnknown) return { title: t.reset.password.unknownTitle, next: t.reset.password.unknown };
    if (problem.code !== "password_refused") return explain(t, problem, "proof");
    const broken = problem.reasons.map((reason) => ruleText(t, reason)).join("; ");
    return { title: t.problem.password_refused.title, next: `${t.rules.refused} ${broken}`, field: "new-password" };
  };
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.password, field: "new-password" }
    : task.problem && explained(task.problem);

  return (
    <Step title={t.reset.password.title} opening={3} {...header}>
      <p class="lead">{t.reset.password.text}</p>
      <Form mistake={mistake} onSubmit={submit}>
        <UsernameForManagers identifier={identifier} />
        <NewPassword id="new-password" token={token} value={password} onValue={setPassword} error={mistake?.field ? mistake.title : undefined} />
        <div class="actions">
          <Submit busy={task.busy} label={t.reset.password.submit} />
        </div>
      </Form>
      <StartAgain onRestart={onRestart} />
    </Step>
  );
}
