import type { Verified } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n";
import type { MethodPart } from "../../methods/part";
import { sentWords } from "../../methods/ways";
import { tellCodeAsked } from "../../otherTabs";
import { CodeForm } from "../../parts/CodeForm";
import type { Opening } from "../../parts/Door";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import { challenge } from "./challenge";
import type { Asked } from "./gate";
import type { Header } from "./Reset";

interface GiveAnswerProps {
  part: MethodPart;
  asked: Asked;
  /** The token with which another code is asked for. */
  askWith: string;
  first: boolean;
  header: Header;
  opening: Opening;
  onToken: (token: string) => void;
  onRenewed: (asked: Asked, seconds: number) => void;
  onPassed: (next: Verified) => void;
  onSpent: (token: string) => void;
  onAnother: () => void;
  onRestart: () => void;
}

export function GiveAnswer({ part, asked, askWith, first, header, opening, onToken, onRenewed, onPassed, onSpent, onAnother, onRestart }: GiveAnswerProps) {
  const { t } = useWords();
  const client = useClient();

  const answer = async (text: string) => {
    try {
      onPassed(await client.verify({ verification_token: asked.token, answer: text }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const newest = error.verificationToken ?? asked.token;
      if (error.code === "no_tries_left") return onSpent(newest);
      // A refused answer comes with the token for the next one.
      if (newest !== asked.token) onToken(newest);
      throw error;
    }
  };
  const resend = async () => {
    const again = await challenge(client, askWith, { part, channel: asked.channel });
    tellCodeAsked();
    onRenewed(again.asked, again.seconds);
  };
  const notRegistered = first && <li>{t.reset.code.notRegistered}</li>;

  return part.family === "sent_code" ? (
    <Step title={t.code.title} opening={opening} {...header}>
      <p class="lead">
        {t.reset.code.maybe} {sentWords(t, part, asked.channel).sent}
      </p>
      <CodeForm
        part={part}
        channel={asked.channel}
        submit={t.code.submit}
        readyAt={asked.readyAt}
        endsAt={asked.endsAt}
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
    <Step title={part.words(t).answer.title} opening={opening} {...header}>
      <p class="lead">{part.words(t).answer.lead}</p>
      <part.Answer submit={t.code.submit} onAnswer={answer} challenge={asked.challenge} help={notRegistered} />
      <WaysOut onAnother={onAnother} onRestart={onRestart} />
    </Step>
  );
}

function WaysOut({ onAnother, onRestart }: Pick<GiveAnswerProps, "onAnother" | "onRestart">) {
  const { t } = useWords();
  return (
    <p class="way-out">
      <button type="button" class="link" onClick={onAnother}>
        {t.reset.code.another}
      </button>
      <button type="button" class="link" onClick={onRestart}>
        {t.startAgain}
      </button>
    </p>
  );
}
