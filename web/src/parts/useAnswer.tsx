/** A field for a typed code, and what is said about a refused one. Shared by codes that are sent and codes that an app shows. */
import { useState } from "preact/hooks";
import { useTask } from "../hooks/useTask";
import { useWords } from "../i18n";
import { explainAnswer } from "../i18n/explain";
import type { AnswerWords } from "../methods/part";
import { useTextedCode } from "../hooks/useTextedCode";
import { Field } from "./Field";
import type { Mistake } from "./Form";
import { readCode } from "./readCode";

/** What is typed: digits, as the phone's keyboard and its suggestions expect them, those of a text message, or words. */
type Kind = "digits" | "texted" | "words";

export function useAnswer(words: AnswerWords, onAnswer: (answer: string) => Promise<void>, kind: Kind = "digits") {
  const { t } = useWords();
  const task = useTask();
  const [code, setCode] = useState("");
  const [empty, setEmpty] = useState(false);

  useTextedCode(kind === "texted", setCode);

  const send = () => {
    setEmpty(code.trim() === "");
    if (code.trim() === "") return task.setProblem(null);
    void task.run(() => onAnswer(code.trim()));
  };
  const clear = () => {
    setCode("");
    setEmpty(false);
    task.setProblem(null);
  };

  const said = task.problem && explainAnswer(t, words, task.problem);
  const mistake: Mistake | null = empty ? { title: t.errorSummary, next: words.required, field: "code" } : said && { ...said, field: "code" };
  const wrong = () => {
    if (empty) return words.required;
    if (task.problem?.code === "bad_input") return said?.next;
    if (task.problem?.code !== "not_accepted") return undefined;
    const left = task.problem.triesLeft;
    return left === undefined ? words.refused.title : `${words.refused.title}. ${t.code.triesLeft({ left })}`;
  };

  const field = (
    <Field
      id="code"
      label={words.label}
      hint={words.hint}
      error={wrong()}
      value={code}
      onValue={(typed) => setCode(kind === "words" ? typed : readCode(typed))}
      class={kind === "words" ? "code code-long" : "code"}
      autocomplete={kind === "words" ? "off" : "one-time-code"}
      inputMode={kind === "words" ? "text" : "numeric"}
    />
  );
  return { field, mistake, busy: task.busy, send, clear };
}
