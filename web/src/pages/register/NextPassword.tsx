import type { Session } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { NewPasswordStep } from "../../parts/NewPasswordStep";
import { useClient } from "../../session";

interface NextPasswordProps {
  identifier: string;
  /** The one that was right and has run out. It is in no storage: whoever reloads the page signs in again. */
  current: string;
  session: Session;
  onDone: (session: Session) => void;
  /** Back to the sign-in. `ended`: the session is over. */
  onBack: (ended: boolean) => void;
}

/** The end of a sign-in whose password has expired or was set by somebody else (M11). */
export function NextPassword({ identifier, current, session, onDone, onBack }: NextPasswordProps) {
  const { t } = useWords();
  const client = useClient();
  return (
    <NewPasswordStep
      task={useTask()}
      title={t.reset.password.title}
      why={t.signIn.runOut[session.password_change_reason ?? "must_change"]}
      submit={t.change.submit}
      unknown={{ title: t.reset.password.unknownTitle, next: t.change.unknown }}
      situation="current"
      opening={1}
      identifier={identifier}
      onChosen={async (password) => {
        try {
          onDone(await client.changePassword(session.token, { current_password: current, new_password: password }));
        } catch (error) {
          if (!(error instanceof Problem) || error.status !== 401) throw error;
          onBack(true);
        }
      }}
    >
      <p class="way-out">
        <button type="button" class="link" onClick={() => onBack(false)}>
          {t.back}
        </button>
      </p>
    </NewPasswordStep>
  );
}
