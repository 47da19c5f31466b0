/** The sign-in where Microsoft keeps the passwords: there and back, then our own session. */
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../api/problem";
import { useTask } from "../../hooks/useTask";
import { useWords } from "../../i18n";
import { explain } from "../../i18n/explain";
import { takeAnswer, type MicrosoftSignIn } from "../../microsoft/settings";
import { Form } from "../../parts/Form";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { Link } from "../../router";
import { signedIn, useClient } from "../../session";
import type { SignInProps } from "./SignIn";

const library = () => import("../../microsoft/client").catch(() => Promise.reject(new Problem("unreachable")));

export function SignInAtMicrosoft({ settings, onSignedIn, again = false, timeUp = false, identifier = "", onCancel }: SignInProps & { settings: MicrosoftSignIn }) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [answer] = useState(takeAnswer);
  const [other, setOther] = useState("");

  useEffect(() => {
    if (answer === "") return;
    void task.run(async () => {
      const { tokenFrom } = await library();
      const token = await tokenFrom(settings, answer).catch(() => Promise.reject(new Problem("not_signed_in")));
      const session = await client.signInAtMicrosoft({ access_token: token });
      // What was begun belongs to the person who was signed in.
      if (again && session.identifier !== identifier) return setOther(session.identifier);
      onSignedIn(signedIn(session.identifier, session));
    });
  }, []);
  const submit = () =>
    task.run(async () => {
      setOther("");
      const { leave } = await library();
      // Single sign-on may give an old sign-in again: not where a new one is needed, or where the old one was refused.
      const fresh = again || task.problem?.code === "not_accepted";
      await leave(settings, { fresh, name: again ? identifier : "" }).catch(() => Promise.reject(new Problem("not_signed_in")));
    });
  const mistake = other
    ? { title: t.refused.signIn.title, next: t.signIn.otherAccount({ other, name: identifier }) }
    : task.problem && explain(t, task.problem, "signInAtMicrosoft");

  return (
    <Step title={again ? t.signIn.againTitle : t.signIn.title}>
      {timeUp && <Notice kind="ask">{t.signIn.timeUp}</Notice>}
      <p class="lead">{again ? t.signIn.againText : t.signIn.microsoftText}</p>
      <Form mistake={mistake} onSubmit={() => void submit()}>
        <div class="actions">
          <Submit busy={task.busy} label={t.signIn.microsoft} />
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
