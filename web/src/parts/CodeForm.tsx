/** Typing a code, asking for another, and knowing what to do when none comes. Reset and registration share it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useCountdown } from "../hooks/useCountdown";
import { useTask } from "../hooks/useTask";
import { duration, useWords } from "../i18n";
import { explain, type MethodName } from "../i18n/explain";
import { Field } from "./Field";
import { Form, type Mistake } from "./Form";
import { useStage } from "./Frame";
import { Submit } from "./Submit";

interface CodeFormProps {
  method: MethodName;
  submit: string;
  /** When another code may be asked for, in milliseconds of the clock. */
  readyAt: number;
  onAnswer: (answer: string) => Promise<void>;
  /** Asks for another code; resolves to the seconds until the next one. */
  onResend: () => Promise<number>;
  help: ComponentChildren;
}

export const readyIn = (seconds: number): number => Date.now() + seconds * 1000;

export function CodeForm({ method, submit, readyAt: readyAtFirst, onAnswer, onResend, help }: CodeFormProps) {
  const { t, language } = useWords();
  const { announce } = useStage();
  const [code, setCode] = useState("");
  const [empty, setEmpty] = useState(false);
  const [readyAt, setReadyAt] = useState(readyAtFirst);
  const [renewed, setRenewed] = useState(false);
  const answering = useTask();
  const resending = useTask();
  const left = useCountdown(readyAt);
  useAnnounceReady(left, t.code.againNow, announce);

  const send = () => {
    resending.setProblem(null);
    setEmpty(code.trim() === "");
    if (code.trim() === "") return answering.setProblem(null);
    void answering.run(() => onAnswer(code.trim()));
  };
  const resend = () =>
    resending.run(async () => {
      if (left > 0) return;
      answering.setProblem(null);
      setReadyAt(readyIn(await onResend()));
      setCode("");
      setRenewed(true);
      announce(t.code.renewed);
    });

  // A limit tells when to come back; counting down to it beats finding out by pressing again.
  const told = resending.problem?.retryAfter;
  useEffect(() => {
    if (told !== undefined) setReadyAt(readyIn(told));
  }, [told]);

  const problem = answering.problem ?? resending.problem;
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.code, field: "code" }
    : problem && { ...explain(t, language, problem, answering.problem ? "code" : "step"), field: answering.problem ? "code" : undefined };

  return (
    <Form mistake={mistake} onSubmit={send}>
      <Field
        id="code"
        label={t.field.code}
        hint={t.field.codeHint}
        error={empty ? t.field.required.code : answering.problem?.code === "not_accepted" ? t.refused.code.title : undefined}
        value={code}
        onValue={setCode}
        class="code"
        autocomplete="one-time-code"
        inputMode="numeric"
      />
      {renewed && <p class="fine">{t.code.renewed}</p>}
      <div class="actions">
        <Submit busy={answering.busy} label={submit} />
        {left > 0 ? (
          <p class="wait">{t.code.againIn(duration(left, language))}</p>
        ) : (
          <button type="button" class="quiet" aria-disabled={resending.busy} onClick={() => void resend()}>
            {t.code.again}
          </button>
        )}
      </div>
      <details class="help">
        <summary>{t.code.none}</summary>
        <ul>
          <li>{t.method[method].noCode}</li>
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
