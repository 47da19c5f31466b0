import type { Verified } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n";
import { CodeForm } from "../../parts/CodeForm";
import type { Opening } from "../../parts/Door";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import { challenge } from "./challenge";
import type { Asked, Gate } from "./gate";
import { StartAgain } from "./StartAgain";

interface GiveAnswerProps {
  gate: Gate;
  asked: Asked;
  opening: Opening;
  onToken: (token: string) => void;
  onRenewed: (token: string, asked: Asked) => void;
  onPassed: (next: Verified) => void;
  onSpent: (token: string) => void;
  onAnother: () => void;
  onRestart: () => void;
}

export function GiveAnswer({ gate, asked, opening, onToken, onRenewed, onPassed, onSpent, onAnother, onRestart }: GiveAnswerProps) {
  const { t } = useWords();
  const client = useClient();
  const { part } = asked;

  const answer = async (text: string) => {
    try {
      onPassed(await client.verify({ verification_token: gate.token, answer: text }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const newest = error.verificationToken ?? gate.token;
      if (error.code === "no_tries_left") return onSpent(newest);
      // A refused answer comes with the token for the next one.
      if (newest !== gate.token) onToken(newest);
      throw error;
    }
  };
  const resend = async () => {
    const given = await challenge(client, gate.token, part);
    onRenewed(given.token, given.asked);
    return given.asked.readyAt;
  };
  const notRegistered = gate.number === 1 && <li>{t.reset.code.notRegistered}</li>;

  return part.family === "sent_code" ? (
    <Step title={t.code.title} opening={opening}>
      <p class="lead">
        {t.reset.code.maybe} {part.words(t).sent}
      </p>
      <CodeForm
        part={part}
        submit={t.code.submit}
        readyAt={asked.readyAt}
        onAnswer={answer}
        onResend={resend}
        help={
          <>
            {notRegistered}
            <li>{t.reset.code.helpdesk}</li>
          </>
        }
      />
      <WaysOut onAnother={onAnother} onRestart={onRestart} />
    </Step>
  ) : (
    <Step title={part.words(t).answer.title} opening={opening}>
      <p class="lead">{part.words(t).answer.lead}</p>
      <part.Answer submit={t.code.submit} onAnswer={answer} challenge={asked.challenge} help={notRegistered} />
      <WaysOut onAnother={onAnother} onRestart={onRestart} />
    </Step>
  );
}

function WaysOut({ onAnother, onRestart }: Pick<GiveAnswerProps, "onAnother" | "onRestart">) {
  const { t } = useWords();
  return (
    <>
      <p class="way-out">
        <button type="button" class="link" onClick={onAnother}>
          {t.reset.code.another}
        </button>
      </p>
      <StartAgain onRestart={onRestart} />
    </>
  );
}
