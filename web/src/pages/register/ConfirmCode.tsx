import type { Confirmed } from "../../api/client";
import { useWords } from "../../i18n";
import type { SentCode } from "../../methods/part";
import { CodeForm, readyIn } from "../../parts/CodeForm";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import type { AsMe } from "./useAsMe";

/** A code that was asked for. */
export interface Asked {
  part: SentCode;
  contact: string;
  /** True when the person typed the contact, so a further code must go to that one and not to the prefilled one. */
  typed: boolean;
  /** When another code may be asked for, in milliseconds of the clock; 0 when that is not known here. */
  readyAt: number;
}

interface ConfirmCodeProps {
  asked: Asked;
  asMe: AsMe;
  onAsked: (asked: Asked) => void;
  onConfirmed: (me: Confirmed, news: string) => void;
  onCorrect: (asked: Asked) => void;
  onBack: () => void;
}

export function ConfirmCode({ asked, asMe, onAsked, onConfirmed, onCorrect, onBack }: ConfirmCodeProps) {
  const { t } = useWords();
  const client = useClient();
  const { part, contact, typed } = asked;

  const answer = async (text: string) =>
    onConfirmed(await asMe((token) => client.confirm(token, part.name, text)), t.bind.added({ method: part.words(t).name }));
  const resend = async () => {
    const body = { ...(typed ? { contact } : {}), ...(part.channel && { channel: part.channel }) };
    const { wait } = await asMe((token, proof) => client.begin(token, part.name, { ...body, ...(proof && { proof }) }));
    const readyAt = readyIn(wait);
    onAsked({ ...asked, readyAt });
    return readyAt;
  };
  return (
    <Step title={t.code.title} opening={1}>
      <p class="lead">{asked.readyAt === 0 ? t.bind.codePending({ contact }) : t.bind.codeSent({ contact })}</p>
      <CodeForm
        part={part}
        submit={t.bind.submitCode}
        readyAt={asked.readyAt}
        onAnswer={answer}
        onResend={resend}
        help={<li>{t.bind.check}</li>}
      />
      <p class="way-out">
        <button type="button" class="link" onClick={() => onCorrect(asked)}>
          {t.bind.correct}
        </button>
        <button type="button" class="link" onClick={onBack}>
          {t.back}
        </button>
      </p>
    </Step>
  );
}
