import type { AnswerProps, AnswerWords } from "../methods/part";
import { useWords } from "../i18n";
import { Form } from "./Form";
import { Submit } from "./Submit";
import { useAnswer } from "./useAnswer";

interface TypedAnswerProps extends Omit<AnswerProps, "challenge"> {
  words: AnswerWords & { trouble: string };
  kind?: "digits" | "words";
  /** What to look at when the code is not accepted. */
  hints: string[];
}

/** The form for a code that a person reads elsewhere than in a message: in an app, or on a sheet. */
export function TypedAnswer({ submit, onAnswer, help, words, kind = "digits", hints }: TypedAnswerProps) {
  const { t } = useWords();
  const answer = useAnswer(words, onAnswer, kind);
  return (
    <Form mistake={answer.mistake} onSubmit={answer.send}>
      {answer.field}
      <div class="actions">
        <Submit busy={answer.busy} label={submit} />
      </div>
      <details class="help">
        <summary>{words.trouble}</summary>
        <ul>
          {hints.map((hint) => (
            <li key={hint}>{hint}</li>
          ))}
          {help}
        </ul>
      </details>
      <p class="fine">{t.code.never}</p>
    </Form>
  );
}
