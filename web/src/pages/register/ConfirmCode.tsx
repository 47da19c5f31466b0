import type { Me } from "../../api/client";
import type { MethodName } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { CodeForm } from "../../parts/CodeForm";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import { channelOf } from "../reset/ChooseMethod";
import type { AsMe } from "./useAsMe";

interface ConfirmCodeProps {
  method: MethodName;
  contact: string;
  wait: number;
  /** False when one comes back to a code that was asked for earlier. */
  sent: boolean;
  /** True when the person typed the contact, so a new code must go to that one and not to the prefilled one. */
  typed: boolean;
  asMe: AsMe;
  onConfirmed: (me: Me, news: string) => void;
  onCorrect: () => void;
}

export function ConfirmCode({ method, contact, wait, sent, typed, asMe, onConfirmed, onCorrect }: ConfirmCodeProps) {
  const { t } = useWords();
  const client = useClient();
  const answer = async (text: string) =>
    onConfirmed(await asMe((token) => client.confirm(token, method, text)), t.bind.added(t.method[method].name));
  const resend = async () => {
    const body = { ...(typed ? { contact } : {}), ...channelOf(method) };
    return (await asMe((token) => client.begin(token, method, body))).wait;
  };
  return (
    <Step title={t.code.title} opening={1}>
      <p class="lead">{sent ? t.bind.codeSent(contact) : t.bind.codePending(contact)}</p>
      <CodeForm method={method} submit={t.bind.submitCode} wait={wait} onAnswer={answer} onResend={resend} help={<li>{t.bind.check}</li>} />
      <p class="way-out">
        <button type="button" class="link" onClick={onCorrect}>
          {t.bind.correct}
        </button>
      </p>
    </Step>
  );
}
