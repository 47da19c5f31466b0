/** A sheet of codes that each work once. It is shown once, and leaves this page on paper or in a file of the person's own. */
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../api/problem";
import { useCopy } from "../hooks/useCopy";
import { day, useWords } from "../i18n";
import { organisation } from "../organisation";
import { Form } from "../parts/Form";
import { Submit } from "../parts/Submit";
import { TypedAnswer } from "../parts/TypedAnswer";
import { useAnswer } from "../parts/useAnswer";
import { keptSecret, type AnswerProps, type EnrolProps } from "./part";

interface Sheet {
  /** The code that shows that the sheet was kept. It is used up by that. */
  first: string;
  codes: string[];
  /** The name of the account, masked. */
  account: string;
}

const CODE = /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/;

export function readSheet(given: unknown): Sheet {
  const { codes, account } = (given ?? {}) as Partial<Record<string, unknown>>;
  const [first, ...others] = typeof codes === "string" ? codes.split("\n") : [];
  if (first === undefined || others.length === 0 || typeof account !== "string" || ![first, ...others].every((code) => CODE.test(code))) {
    throw new Problem("internal");
  }
  return { first, codes: others, account };
}

/** The codes are put away before one is asked for: whoever enters it has kept them. */
function Enrol({ enrolment, onAnswer }: EnrolProps) {
  const { t } = useWords();
  const { enrol, answer: words } = t.method.recovery_code;
  const [saved, setSaved] = useState(enrolment === null);
  const answer = useAnswer({ ...words, label: enrol.label, hint: enrol.hint, required: enrol.required, refused: enrol.refused }, onAnswer, "words");
  if (!saved) return <Handover enrolment={enrolment} onSaved={() => setSaved(true)} />;
  return (
    <>
      <p class="lead">{enrolment === null ? enrol.shownBefore : enrol.confirm}</p>
      <Form mistake={answer.mistake} onSubmit={answer.send}>
        {answer.field}
        <div class="actions">
          <Submit busy={answer.busy} label={t.bind.submitCode} />
          {enrolment !== null && (
            <button type="button" class="secondary" onClick={() => setSaved(false)}>
              {enrol.again}
            </button>
          )}
        </div>
      </Form>
    </>
  );
}

function Handover({ enrolment, onSaved }: { enrolment: unknown; onSaved: () => void }) {
  const { t, language } = useWords();
  const { enrol, name } = t.method.recovery_code;
  const [{ first, codes, account }] = useState(() => readSheet(enrolment));
  const heading = `${organisation.name} – ${name}`;
  const facts = [enrol.account({ account }), enrol.date({ date: day(new Date().toISOString(), language) })];
  const text = [heading, ...facts, "", `${enrol.first} ${first}`, "", ...codes.map((code, at) => `${String(at + 1).padStart(2)}. ${code}`), "", enrol.once];
  const { copy, said } = useCopy(text.join("\n"), enrol);

  // A print of this page is the sheet alone. Not `:has()`, which the oldest browsers do not know.
  useEffect(() => {
    document.documentElement.classList.add("prints-codes");
    return () => document.documentElement.classList.remove("prints-codes");
  }, []);

  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text.join("\r\n")], { type: "text/plain;charset=utf-8" }));
    link.download = enrol.file;
    link.click();
    // Some browsers read it only after the press is over.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  return (
    <>
      <p class="lead">{enrol.lead}</p>
      <section class="code-sheet" aria-label={heading}>
        <div class="on-paper">
          <h2>{heading}</h2>
          {facts.map((fact) => (
            <p key={fact}>{fact}</p>
          ))}
        </div>
        <p>
          {enrol.first} <code>{first}</code>
        </p>
        <ol>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
        <p class="fine">{enrol.once}</p>
      </section>
      <div class="actions">
        {"print" in window && (
          <button type="button" class="secondary" onClick={() => print()}>
            {enrol.print}
          </button>
        )}
        <button type="button" class="secondary" onClick={download}>
          {enrol.download}
        </button>
        <button type="button" class="secondary" onClick={copy}>
          {enrol.copy}
        </button>
        {said && <p class="fine">{said}</p>}
      </div>
      <p class="fine">{enrol.secret}</p>
      <div class="actions">
        <button type="button" class="primary" onClick={onSaved}>
          {enrol.saved}
        </button>
      </div>
    </>
  );
}

function Answer(props: AnswerProps) {
  const words = useWords().t.method.recovery_code.answer;
  return <TypedAnswer {...props} words={words} kind="words" hints={[words.each, words.newest, words.resting]} />;
}

export default keptSecret("recovery_code", { Enrol, Answer });
