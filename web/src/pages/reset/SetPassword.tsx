import { Problem, type ProblemCode } from "../../api/problem";
import { useState } from "preact/hooks";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { NewPasswordStep } from "../../parts/NewPasswordStep";
import { useClient } from "../../session";
import type { Header } from "./Reset";
import { StartAgain } from "./StartAgain";
import { stops } from "./Stopped";

interface SetPasswordProps {
  token: string;
  /** The directory can end a lock. Whether there is one, it says only when asked to. */
  canUnlock: boolean;
  identifier: string;
  header: Header;
  onToken: (token: string) => void;
  onDone: (unlocked: boolean) => void;
  /** The reset cannot be finished, whatever password is chosen. */
  onStopped: (code: ProblemCode) => void;
  onRestart: () => void;
}

export function SetPassword({ token, canUnlock, identifier, header, onToken, onDone, onStopped, onRestart }: SetPasswordProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [unlocking, setUnlocking] = useState(false);
  const { unknownTitle: title, unknown: next } = t.reset[unlocking ? "unlock" : "password"];
  const complete = async (password?: string) => {
    const unlocks = password === undefined;
    setUnlocking(unlocks);
    try {
      await client.complete({ reset_token: token, ...(unlocks ? { unlock: true } : { new_password: password }) });
      onDone(unlocks);
    } catch (error) {
      if (error instanceof Problem && stops(error.code)) return onStopped(error.code);
      // The refused password keeps the proof: the fresh token lets the next one be tried without new codes.
      if (error instanceof Problem && error.resetToken !== undefined) onToken(error.resetToken);
      throw error;
    }
  };
  return (
    <NewPasswordStep
      task={task}
      title={t.reset.password.title}
      submit={t.reset.password.submit}
      unknown={{ title, next }}
      situation="proof"
      opening={3}
      header={header}
      identifier={identifier}
      token={token}
      onChosen={complete}
    >
      {canUnlock && (
        <>
          <p>{t.reset.unlock.text}</p>
          <div class="actions">
            <button type="button" class="secondary" aria-disabled={task.busy} onClick={() => void task.run(() => complete())}>
              {t.reset.unlock.submit}
            </button>
          </div>
        </>
      )}
      <StartAgain onRestart={onRestart} />
    </NewPasswordStep>
  );
}
