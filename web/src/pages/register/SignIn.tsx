import { useState } from "preact/hooks";
import type { Session } from "../../api/client";
import type { ProblemCode } from "../../api/problem";
import { useBotCheck } from "../../botCheck/useBotCheck";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { microsoft } from "../../microsoft/settings";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Notice } from "../../parts/Notice";
import { PasswordField } from "../../parts/PasswordField";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { Link } from "../../router";
import { signedIn, useClient, type SignedIn } from "../../session";
import { NextPassword } from "./NextPassword";
import { SignInAtMicrosoft } from "./SignInAtMicrosoft";

export interface SignInProps {
  onSignedIn: (who: SignedIn) => void;
  /** A second sign-in in the middle of a change: same person, same place afterwards. */
  again?: boolean;
  /** The session before has expired. */
  timeUp?: boolean;
  identifier?: string;
  onCancel?: () => void;
}

/** The field that a refusal is about. Only a name has a form that can be wrong. */
const blamed: Partial<Record<ProblemCode, string>> = { not_accepted: "sign-in-password", bad_input: "sign-in-identifier" };

/** At Microsoft where the deployment says so, otherwise with a password. */
export function SignIn(props: SignInProps) {
  return microsoft ? <SignInAtMicrosoft settings={microsoft} {...props} /> : <SignInWithPassword {...props} />;
}

function SignInWithPassword({ onSignedIn, again = false, timeUp = false, identifier: known = "", onCancel }: SignInProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [identifier, setIdentifier] = useState(known);
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState<"identifier" | "password" | null>(null);
  const [runOut, setRunOut] = useState<Session | null>(null);
  const [ended, setEnded] = useState(false);

  const checked = useBotCheck(task, async (solved) => {
    const session = await client.signIn({ identifier: identifier.trim(), password, ...solved });
    if (session.password_change_required) return setRunOut(session);
    onSignedIn(signedIn(identifier.trim(), session));
  });
  const submit = () => {
    const gap = identifier.trim() === "" ? "identifier" : password === "" ? "password" : null;
    setMissing(gap);
    if (gap !== null) return task.setProblem(null);
    checked.send();
  };
  const mistake: Mistake | null =
    missing !== null
      ? { title: t.errorSummary, next: t.field.required[missing], field: `sign-in-${missing}` }
      : task.problem && { ...explain(t, task.problem, "signIn"), field: blamed[task.problem.code] };
  const misread = task.problem?.code === "bad_input" ? mistake?.next : undefined;

  if (checked.screen) return checked.screen;
  if (runOut !== null) {
    return (
      <NextPassword
        identifier={identifier.trim()}
        current={password}
        session={runOut}
        onDone={(session) => onSignedIn(signedIn(identifier.trim(), session))}
        onBack={(over) => {
          setPassword("");
          setEnded(over);
          setRunOut(null);
        }}
      />
    );
  }
  return (
    <Step title={again ? t.signIn.againTitle : t.signIn.title}>
      {(timeUp || ended) && <Notice kind="ask">{t.signIn.timeUp}</Notice>}
      <p class="lead">{again ? t.signIn.againText : t.signIn.text}</p>
      <Form mistake={mistake} onSubmit={submit}>
        <Field
          id="sign-in-identifier"
          label={t.field.identifier}
          error={missing === "identifier" ? t.field.required.identifier : misread}
          value={identifier}
          onValue={setIdentifier}
          readOnly={again}
          autocomplete="username"
        />
        <PasswordField
          id="sign-in-password"
          label={t.field.password}
          error={missing === "password" ? t.field.required.password : undefined}
          value={password}
          onValue={setPassword}
          autocomplete="current-password"
        />
        <div class="actions">
          <Submit busy={checked.busy} label={t.signIn.submit} />
          {checked.offered && (
            <button type="button" class="quiet" onClick={() => checked.sendChecked()}>
              {t.signIn.sure}
            </button>
          )}
          {onCancel && (
            <button type="button" class="quiet" onClick={onCancel}>
              {t.cancel}
            </button>
          )}
        </div>
      </Form>
      <p class="way-out">
        <Link to="reset">{t.signIn.forgot}</Link>
      </p>
    </Step>
  );
}
