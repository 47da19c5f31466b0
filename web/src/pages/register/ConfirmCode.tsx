import type { Confirmed } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n";
import type { SentCode } from "../../methods/part";
import { asked, sentWords } from "../../methods/ways";
import { tellCodeAsked } from "../../otherTabs";
import { CodeForm, inSeconds } from "../../parts/CodeForm";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import type { CodeAsked } from "./steps";
import type { AsMe } from "./useAsMe";

interface ConfirmCodeProps {
  part: SentCode;
  code: CodeAsked;
  asMe: AsMe;
  onAsked: (code: CodeAsked) => void;
  onConfirmed: (me: Confirmed, news: string) => void;
  onCorrect: () => void;
  onBack: () => void;
}

export function ConfirmCode({ part, code, asMe, onAsked, onConfirmed, onCorrect, onBack }: ConfirmCodeProps) {
  const { t } = useWords();
  const client = useClient();
  const { contact, channel, typed } = code;

  const answer = async (text: string) => {
    try {
      onConfirmed(await asMe((token) => client.confirm(token, part.name, text)), t.bind.added({ method: part.words(t).name }));
    } catch (error) {
      // Unlike in a reset, a new code has new tries.
      if (error instanceof Problem && error.code === "no_tries_left") throw new Problem("no_tries_for_code");
      throw error;
    }
  };
  const resend = async () => {
    const body = { ...(typed ? { contact } : {}), ...asked(channel) };
    const begun = await asMe((token, proof) => client.begin(token, part.name, { ...body, ...(proof && { proof }) }));
    tellCodeAsked();
    onAsked({ ...code, readyAt: inSeconds(begun.wait), endsAt: inSeconds(begun.code_expires_in) });
  };
  return (
    <Step title={t.code.title} opening={1}>
      <p class="lead">
        {code.readyAt === 0 || channel === "voice" ? t.bind.codePending({ contact }) : t.bind.codeSent({ contact })}
        {channel === "voice" && ` ${sentWords(t, part, channel).sent}`}
      </p>
      <CodeForm
        part={part}
        channel={channel}
        submit={t.bind.submitCode}
        readyAt={code.readyAt}
        endsAt={code.endsAt}
        onAnswer={answer}
        onResend={resend}
        help={<li>{t.bind.check}</li>}
      />
      <p class="way-out">
        {part.correctable && (
          <button type="button" class="link" onClick={onCorrect}>
            {t.bind.correct}
          </button>
        )}
        <button type="button" class="link" onClick={onBack}>
          {t.back}
        </button>
      </p>
    </Step>
  );
}
