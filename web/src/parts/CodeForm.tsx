/** Typing a code that was sent, asking for another, and knowing what to do when none comes. Reset and registration share it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useCountdown } from "../hooks/useCountdown";
import { useTask } from "../hooks/useTask";
import { duration, useWords } from "../i18n";
import { explain } from "../i18n/explain";
import type { SentCode } from "../methods/part";
import { Form } from "./Form";
import { useStage } from "./Frame";
import { Submit } from "./Submit";
import { useAnswer } from "./useAnswer";

interface CodeFormProps {
  part: SentCode;
  submit: string;
  /** When another code may be asked for, in milliseconds of the clock. */
  readyAt: number;
  onAnswer: (answer: string) => Promise<void>;
  /** Asks for another code; resolves to the time of the next one, in milliseconds of the clock. */
  onResend: () => Promise<number>;
  help: ComponentChildren;
}

export const readyIn = (seconds: number | null): number => Date.now() + (seconds ?? 0) * 1000;

export function CodeForm({ part, submit, readyAt: readyAtFirst, onAnswer, onResend, help }: CodeFormProps) {
  const { t, language } = useWords();
  const { announce } = useStage();
  const [readyAt, setReadyAt] = useState(readyAtFirst);
  const [renewed, setRenewed] = useState(false);
  const words = { label: t.field.code, hint: t.field.codeHint, required: t.field.required.code, refused: t.refused.code, malformed: t.refused.codeShape };
  const answer = useAnswer(words, onAnswer, part.channel === "sms" ? "texted" : "digits");
  const resending = useTask();
  const left = useCountdown(readyAt);
  useAnnounceReady(left, t.code.againNow, announce);

  const send = () => {
    resending.setProblem(null);
    answer.send();
  };
  const resend = () =>
    resending.run(async () => {
      if (left > 0) return;
      setReadyAt(await onResend());
      answer.clear();
      setRenewed(true);
      announce(t.code.renewed);
    });

  // A limit tells when to come back; counting down to it beats finding out by pressing again.
  const told = resending.problem?.retryAfter;
  useEffect(() => {
    if (told !== undefined) setReadyAt(readyIn(told));
  }, [told]);

  return (
    <Form mistake={resending.problem ? explain(t, language, resending.problem, "step") : answer.mistake} onSubmit={send}>
      {answer.field}
      {renewed && <p class="fine">{t.code.renewed}</p>}
      <div class="actions">
        <Submit busy={answer.busy} label={submit} />
        {left > 0 ? (
          <p class="wait">{t.code.againIn({ wait: duration(left, language) })}</p>
        ) : (
          <button type="button" class="quiet" aria-disabled={resending.busy} onClick={() => void resend()}>
            {t.code.again}
          </button>
        )}
      </div>
      <details class="help">
        <summary>{t.code.none}</summary>
        <ul>
          <li>{part.words(t).noCode}</li>
          <li>{t.code.newest}</li>
          {help}
        </ul>
      </details>
      <p class="fine">{t.code.never}</p>
    </Form>
  );
}

/** Says once that waiting is over. The ticking itself stays silent. */
function useAnnounceReady(left: number, text: string, announce: (text: string) => void) {
  const waited = useRef(false);
  useEffect(() => {
    if (left > 0) waited.current = true;
    else if (waited.current) {
      waited.current = false;
      announce(text);
    }
  }, [left]);
}
