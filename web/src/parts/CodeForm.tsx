/** Typing a code that was sent, asking for another, and knowing what to do when none comes. Reset and registration share it. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useCountdown } from "../hooks/useCountdown";
import { useTask } from "../hooks/useTask";
import { clock, useWords } from "../i18n";
import { explain } from "../i18n/explain";
import type { SentCode } from "../methods/part";
import { sentWords } from "../methods/ways";
import { useCodeAskedElsewhere } from "../otherTabs";
import { Form } from "./Form";
import { useStage } from "./Frame";
import { Help } from "./Help";
import { Notice } from "./Notice";
import { Submit } from "./Submit";
import { useAnswer } from "./useAnswer";
import { WaitButton } from "./WaitButton";

/** When a code that was asked for can be asked for again, and when it expires: in milliseconds of the clock, 0 if not known. */
export interface CodeTimes {
  readyAt: number;
  endsAt: number;
}

interface CodeFormProps extends CodeTimes {
  part: SentCode;
  /** How the code comes. */
  channel: string;
  submit: string;
  onAnswer: (answer: string) => Promise<void>;
  /** Asks for another code. */
  onResend: () => Promise<void>;
  help: ComponentChildren;
}

export const inSeconds = (seconds: number | null | undefined): number => (seconds == null ? 0 : Date.now() + seconds * 1000);

export function CodeForm({ part, channel, submit, readyAt, endsAt, onAnswer, onResend, help }: CodeFormProps) {
  const { t, language } = useWords();
  const { announce } = useStage();
  const [renewed, setRenewed] = useState(false);
  const words = { label: t.field.code, hint: t.field.codeHint, required: t.field.required.code, refused: t.refused.code, malformed: t.refused.codeShape };
  const answer = useAnswer(words, onAnswer, channel === "sms" ? "texted" : "digits");
  const resending = useTask();
  const elsewhere = useCodeAskedElsewhere(endsAt);
  const expired = useCountdown(endsAt) === 0 && endsAt > 0;

  const send = () => {
    resending.setProblem(null);
    answer.send();
  };
  const resend = () =>
    resending.run(async () => {
      await onResend();
      answer.clear();
      setRenewed(true);
      announce(t.code.renewed);
    });

  return (
    <Form mistake={resending.problem ? explain(t, resending.problem, "step") : answer.mistake} onSubmit={send}>
      {expired ? (
        <Notice kind="ask">{t.code.expired}</Notice>
      ) : (
        endsAt > 0 && <p class="fine">{t.code.until({ time: clock(endsAt, language) })}</p>
      )}
      {elsewhere && <Notice kind="ask">{t.code.elsewhere}</Notice>}
      {answer.field}
      {renewed && !expired && <p class="fine">{t.code.renewed}</p>}
      <div class="actions">
        <Submit busy={answer.busy} label={submit} />
        <WaitButton
          label={t.code.again}
          waiting={t.code.againIn}
          over={t.code.againNow}
          // A limit tells when to come back; counting down to it beats finding out by pressing again.
          readyAt={Math.max(readyAt, resending.problem?.readyAt ?? 0)}
          busy={resending.busy}
          onPress={() => void resend()}
        />
      </div>
      <Help title={t.code.none}>
        <ul>
          <li>{sentWords(t, part, channel).noCode}</li>
          <li>{t.code.newest}</li>
          {help}
        </ul>
      </Help>
      <p class="fine">{t.code.never}</p>
    </Form>
  );
}
