/** Changing a password one knows. The sign-in is part of the form, so the change never meets a session that is too old. */
import { useState } from "preact/hooks";
import type { Problem } from "../../api/problem";
import { useBotCheck } from "../../botCheck/useBotCheck";
import { explain, explainNewPassword } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { useJourney } from "../../journey";
import { microsoft } from "../../microsoft/settings";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { NewPassword } from "../../parts/NewPassword";
import { PasswordField } from "../../parts/PasswordField";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { Link } from "../../router";
import { signedIn, useSession } from "../../session";

const fields = { identifier: "identifier", current: "current-password", fresh: "new-password" } as const;

type Place = { at: "change" } | { at: "done" };

/** As long as the name is kept. */
const NAME_SECONDS = 900;

export function ChangePassword() {
  return microsoft ? <AtMicrosoft /> : <WithPassword />;
}

function AtMicrosoft() {
  const { t } = useWords();
  return (
    <Step title={t.change.title} opening={1}>
      <p class="lead">{t.change.atMicrosoft}</p>
      <p class="way-out">
        <Link to="reset">{t.signIn.forgot}</Link>
      </p>
    </Step>
  );
}

function WithPassword() {
  const { t } = useWords();
  const { client, who, setWho } = useSession();
  const task = useTask();
  const journey = useJourney<{ name: string }, Place>("password", { at: "change" }, { name: "" });
  const [identifier, setIdentifier] = useState(journey.facts.name || (who?.identifier ?? ""));
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [missing, setMissing] = useState<keyof typeof fields | null>(null);

  const checked = useBotCheck(task, async (solved) => {
    const name = identifier.trim();
    const { token } = await client.signIn({ identifier: name, password: current, ...solved });
    const renewed = await client.changePassword(token, { current_password: current, new_password: fresh });
    setWho(signedIn(name, renewed));
    journey.end({ at: "done" });
  });
  const submit = () => {
    const gap = identifier.trim() === "" ? "identifier" : current === "" ? "current" : fresh === "" ? "fresh" : null;
    setMissing(gap);
    if (gap !== null) return task.setProblem(null);
    journey.know({ name: identifier.trim() }, NAME_SECONDS); // never a password
    checked.send();
  };

  if (journey.place.at === "done") return <Changed />;

  const explained = (problem: Problem): Mistake => {
    if (problem.code === "bad_input") return { ...explain(t, problem), field: problem.field === "new_password" ? fields.fresh : fields.identifier };
    const said = explainNewPassword(t, problem, { title: t.reset.password.unknownTitle, next: t.change.unknown }, fields.fresh, "current");
    return problem.code === "not_accepted" ? { ...said, field: fields.current } : said;
  };
  const mistake: Mistake | null =
    missing !== null
      ? { title: t.errorSummary, next: t.field.required[missing === "identifier" ? "identifier" : "password"], field: fields[missing] }
      : task.problem && explained(task.problem);
  const wrong = (id: string) => (mistake?.field === id ? (missing === null && task.problem?.code !== "bad_input" ? mistake.title : mistake.next) : undefined);

  if (checked.screen) return checked.screen;
  return (
    <Step title={t.change.title} opening={1}>
      <p class="lead">
        {t.change.text} <Link to="reset">{t.signIn.forgot}</Link>
      </p>
      <Form mistake={mistake} onSubmit={submit}>
        <Field id={fields.identifier} label={t.field.identifier} error={wrong(fields.identifier)} value={identifier} onValue={setIdentifier} autocomplete="username" />
        <PasswordField id={fields.current} label={t.field.currentPassword} error={wrong(fields.current)} value={current} onValue={setCurrent} autocomplete="current-password" />
        <NewPassword id={fields.fresh} value={fresh} onValue={setFresh} error={wrong(fields.fresh)} />
        <div class="actions">
          <Submit busy={checked.busy} label={t.change.submit} />
          {checked.offered && (
            <button type="button" class="quiet" onClick={() => checked.sendChecked()}>
              {t.signIn.sure}
            </button>
          )}
        </div>
      </Form>
    </Step>
  );
}

function Changed() {
  const { t } = useWords();
  return (
    <Step title={t.change.doneTitle} opening={4}>
      <p class="lead">{t.change.doneText}</p>
      <p>{t.reset.done.notice}</p>
      <div class="actions">
        <Link to="register" class="secondary">
          {t.reset.done.next}
        </Link>
      </div>
    </Step>
  );
}
