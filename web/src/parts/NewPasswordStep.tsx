/** The step in which a new password is chosen: at the end of a reset, of an activation, and of a sign-in with one that ran out. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Task } from "../hooks/useTask";
import { explainNewPassword, type Situation } from "../i18n/explain";
import { useWords, type Explanation } from "../i18n";
import type { Opening } from "./Door";
import { Form, type Mistake } from "./Form";
import { NewPassword } from "./NewPassword";
import { Step, type Progress } from "./Step";
import { Submit } from "./Submit";
import { UsernameForManagers } from "./UsernameForManagers";

interface NewPasswordStepProps {
  task: Task;
  title: string;
  /** Said before how to choose one. */
  why?: string;
  submit: string;
  /** What to do when nobody knows whether it was set. */
  unknown: Explanation;
  situation?: Situation;
  opening: Opening;
  header?: { progress: Progress; name: string; onChangeName: () => void };
  identifier: string;
  token?: string;
  onChosen: (password: string) => Promise<void>;
  children: ComponentChildren;
}

export function NewPasswordStep({ task, title, why, submit, unknown, situation, opening, header, identifier, token, onChosen, children }: NewPasswordStepProps) {
  const { t } = useWords();
  const [password, setPassword] = useState("");
  const [empty, setEmpty] = useState(false);
  const field = "new-password";

  const send = () => {
    setEmpty(password === "");
    if (password === "") return task.setProblem(null);
    void task.run(() => onChosen(password));
  };
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.password, field }
    : task.problem && explainNewPassword(t, task.problem, unknown, field, situation);

  return (
    <Step title={title} opening={opening} {...header}>
      <p class="lead">
        {why} {t.reset.password.text}
      </p>
      <Form mistake={mistake} onSubmit={send}>
        <UsernameForManagers identifier={identifier} />
        <NewPassword id={field} {...(token !== undefined && { token })} value={password} onValue={setPassword} error={mistake?.field ? mistake.title : undefined} />
        <div class="actions">
          <Submit busy={task.busy} label={submit} />
        </div>
      </Form>
      {children}
    </Step>
  );
}
