import type { Verified } from "../../api/client";
import { channelOf } from "../../api/channel";
import type { MethodName } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { CodeForm, readyIn } from "../../parts/CodeForm";
import type { Opening } from "../../parts/Door";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import type { Gate } from "./gate";
import { StartAgain } from "./StartAgain";

interface EnterCodeProps {
  gate: Gate;
  method: MethodName;
  readyAt: number;
  opening: Opening;
  onRenewed: (token: string, readyAt: number) => void;
  onPassed: (next: Verified) => void;
  onAnother: () => void;
  onRestart: () => void;
}

export function EnterCode({ gate, method, readyAt, opening, onRenewed, onPassed, onAnother, onRestart }: EnterCodeProps) {
  const { t } = useWords();
  const client = useClient();
  const answer = async (text: string) => onPassed(await client.verify({ verification_token: gate.token, answer: text }));
  const resend = async () => {
    const { verification_token, wait } = await client.challenge({ verification_token: gate.token, method, ...channelOf(method) });
    onRenewed(verification_token, readyIn(wait));
    return wait;
  };
  const help = (
    <>
      {gate.number === 1 && <li>{t.reset.code.notRegistered}</li>}
      <li>{t.reset.code.helpdesk}</li>
    </>
  );
  return (
    <Step title={t.code.title} opening={opening}>
      <p class="lead">
        {t.reset.code.maybe} {t.code.sent[method]}
      </p>
      <CodeForm method={method} submit={t.code.submit} readyAt={readyAt} onAnswer={answer} onResend={resend} help={help} />
      <p class="way-out">
        <button type="button" class="link" onClick={onAnother}>
          {t.reset.code.another}
        </button>
      </p>
      <StartAgain onRestart={onRestart} />
    </Step>
  );
}
