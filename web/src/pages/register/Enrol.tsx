import type { Confirmed } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n";
import type { KeptSecret } from "../../methods/part";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import { called } from "./MethodCard";
import type { AsMe } from "./useAsMe";

interface EnrolProps {
  part: KeptSecret;
  label: string;
  replaces: boolean;
  /** What the service showed once; null after a reload, when the secret may be in the app already. */
  enrolment: unknown;
  asMe: AsMe;
  onConfirmed: (me: Confirmed, news: string) => void;
  onSpent: () => void;
  onAgain: () => void;
  onBack: () => void;
}

/** The secret is handed over, and a first answer proves that it arrived. */
export function Enrol({ part, label, replaces, enrolment, asMe, onConfirmed, onSpent, onAgain, onBack }: EnrolProps) {
  const { t } = useWords();
  const client = useClient();
  const confirm = async (answer: string) => {
    try {
      const me = await asMe((token) => client.confirm(token, part.name, answer));
      onConfirmed(me, t.bind.added({ method: called(t, part, label) }));
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "no_tries_left") throw error;
      onSpent();
    }
  };
  return (
    <Step title={part.words(t).enrol.title} opening={1}>
      {replaces && <p class="lead">{t.bind.replaces}</p>}
      <part.Enrol enrolment={enrolment} onAnswer={confirm} />
      <p class="way-out">
        <button type="button" class="link" onClick={onAgain}>
          {t.bind.newSecret}
        </button>
        <button type="button" class="link" onClick={onBack}>
          {t.back}
        </button>
      </p>
    </Step>
  );
}
