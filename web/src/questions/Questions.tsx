/** Choose and answer questions, and answer them in a reset. A file of its own, which only people with questions load. */
import { useState } from "preact/hooks";
import { Problem } from "../api/problem";
import { useTask } from "../hooks/useTask";
import { useWords, type Language, type Texts } from "../i18n";
import { explainAnswer, explainMisread, type RefusalWords } from "../i18n/explain";
import { Field } from "../parts/Field";
import { Form, type Mistake } from "../parts/Form";
import { Submit } from "../parts/Submit";
import type { AnswerProps, EnrolProps } from "../methods/part";

interface Question {
  id: string;
  /** What it says in each language: the page may change its own while the question stands there. */
  text: Readonly<Partial<Record<string, string>>>;
}

/** The questions that the service gave, as JSON. */
export function readQuestions(given: unknown): Question[] {
  const { questions } = (given ?? {}) as Partial<Record<string, unknown>>;
  if (typeof questions !== "string") throw new Problem("internal");
  return JSON.parse(questions) as Question[];
}

const says = ({ text }: Question, language: Language): string => text[language] ?? Object.values(text)[0] ?? "";

/** What is typed in each place, for the questions that stand there. */
function useAnswers(questions: readonly string[], onAnswer: (answer: string) => Promise<void>) {
  const task = useTask();
  const [typed, setTyped] = useState(() => questions.map(() => ""));
  const [hidden, setHidden] = useState(false);
  const [empty, setEmpty] = useState<string | null>(null);
  const send = () => {
    const place = questions.findIndex((id, at) => id === "" || typed[at]?.trim() === "");
    setEmpty(place < 0 ? null : questions[place] === "" ? questionAt(place) : answerAt(place));
    if (place >= 0) return task.setProblem(null);
    void task.run(() => onAnswer(JSON.stringify(Object.fromEntries(questions.map((id, at) => [id, typed[at]])))));
  };
  /** Where the service refused one answer by itself. */
  const refused = task.problem?.code === "bad_input" ? questions.indexOf(task.problem.field?.split(".")[1] ?? "-") : -1;
  const type = (place: number, text: string) => setTyped((before) => before.map((old, at) => (at === place ? text : old)));
  return { task, typed, type, empty, send, refused, hidden, toggle: () => setHidden(!hidden) };
}

const questionAt = (place: number) => `question-${place + 1}`;
const answerAt = (place: number) => `answer-${place + 1}`;

type Answers = ReturnType<typeof useAnswers>;

const reasonOf = (t: Texts, problem: Problem): string => explainMisread(t, { title: "", next: "" }, problem).next;

function Typed({ answers, place, label }: { answers: Answers; place: number; label: string }) {
  const { t } = useWords();
  const { task, empty, refused } = answers;
  const wrong = empty === answerAt(place) ? t.method.security_questions.answer.required : refused === place && task.problem ? reasonOf(t, task.problem) : undefined;
  return (
    <Field
      id={answerAt(place)}
      label={label}
      error={wrong}
      value={answers.typed[place] ?? ""}
      onValue={(text) => answers.type(place, text)}
      class={answers.hidden ? "masked" : ""}
      autocomplete="off"
    />
  );
}

function Hide({ answers }: { answers: Answers }) {
  const { t } = useWords();
  const words = t.method.security_questions;
  return (
    <p>
      <button type="button" class="link" onClick={answers.toggle}>
        {answers.hidden ? words.show : words.hide}
      </button>
    </p>
  );
}

/** What is wrong, tied to the field where it can be corrected. */
function mistakeIn(t: Texts, answers: Answers, words: RefusalWords): Mistake | null {
  const { enrol, answer } = t.method.security_questions;
  const { task, empty, refused } = answers;
  if (empty !== null) return { title: t.errorSummary, next: empty.startsWith("question") ? enrol.unpicked : answer.required, field: empty };
  if (task.problem === null) return null;
  if (refused < 0) return explainAnswer(t, words, task.problem);
  return { title: words.malformed.title, next: reasonOf(t, task.problem), field: answerAt(refused) };
}

export function Enrol({ enrolment, onAnswer }: EnrolProps) {
  const { t } = useWords();
  const { enrol } = t.method.security_questions;
  return enrolment === null ? <p class="lead">{enrol.shownBefore}</p> : <Choose enrolment={enrolment} onAnswer={onAnswer} />;
}

function Choose({ enrolment, onAnswer }: EnrolProps) {
  const { t, language } = useWords();
  const { enrol, answer } = t.method.security_questions;
  const [offered] = useState(() => readQuestions(enrolment));
  const [picked, setPicked] = useState(() => Array<string>(Number((enrolment as { count: string }).count)).fill(""));
  const answers = useAnswers(picked, onAnswer);
  const count = String(picked.length);
  const said = (id: string): string | undefined => {
    const question = offered.find((one) => one.id === id);
    return question && says(question, language);
  };
  return (
    <>
      <p class="lead">{enrol.lead}</p>
      <p>{answer.lead}</p>
      <Form mistake={mistakeIn(t, answers, { ...enrol, refused: enrol.malformed })} onSubmit={answers.send}>
        {picked.map((id, place) => (
          <fieldset key={place} class="question">
            <legend>{enrol.question({ number: String(place + 1), count })}</legend>
            <div class={`field ${answers.empty === questionAt(place) ? "field-wrong" : ""}`}>
              <label for={questionAt(place)} class="unseen">
                {enrol.pick}
              </label>
              {answers.empty === questionAt(place) && (
                <p class="field-error" id={`${questionAt(place)}-error`}>
                  {enrol.unpicked}
                </p>
              )}
              <select
                id={questionAt(place)}
                value={id}
                aria-invalid={answers.empty === questionAt(place) ? "true" : undefined}
                aria-describedby={answers.empty === questionAt(place) ? `${questionAt(place)}-error` : undefined}
                onChange={({ currentTarget: { value } }) => setPicked(picked.map((before, at) => (at === place ? value : before)))}
              >
                <option value="">{enrol.pick}</option>
                {offered
                  .filter((one) => one.id === id || !picked.includes(one.id))
                  .map((one) => (
                    <option key={one.id} value={one.id}>
                      {says(one, language)}
                    </option>
                  ))}
              </select>
            </div>
            {/* A narrow list cuts the text of a question. */}
            <Typed answers={answers} place={place} label={said(id) ?? enrol.label} />
          </fieldset>
        ))}
        <Hide answers={answers} />
        <div class="actions">
          <Submit busy={answers.task.busy} label={enrol.submit} />
        </div>
      </Form>
    </>
  );
}

export function Answer({ submit, onAnswer, challenge, help }: AnswerProps) {
  const { t, language } = useWords();
  const words = t.method.security_questions.answer;
  const [asked] = useState(() => readQuestions(challenge));
  const answers = useAnswers(asked.map(({ id }) => id), onAnswer);
  return (
    <Form mistake={mistakeIn(t, answers, words)} onSubmit={answers.send}>
      {asked.map((question, place) => (
        <Typed key={question.id} answers={answers} place={place} label={says(question, language)} />
      ))}
      <Hide answers={answers} />
      <div class="actions">
        <Submit busy={answers.task.busy} label={submit} />
      </div>
      <details class="help">
        <summary>{words.trouble}</summary>
        <ul>
          <li>{words.typed}</li>
          {help}
        </ul>
      </details>
    </Form>
  );
}
