import { Problem, type ProblemCode } from "../../api/problem";
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { NewPasswordStep } from "../../parts/NewPasswordStep";
import { useClient } from "../../session";
import type { Pass } from "./Done";
import type { Ending } from "./gate";
import type { Header } from "./Reset";
import { StartAgain } from "./StartAgain";
import { stops } from "./Stopped";

interface SetPasswordProps {
  token: string;
  /** The directory can end a lock. Whether there is one, it says only when asked to. */
  canUnlock: boolean;
  canHavePass: boolean;
  identifier: string;
  header: Header;
  onToken: (token: string) => void;
  onDone: (ending: Ending, pass?: Pass) => void;
  /** The reset cannot be finished, whatever password is chosen. */
  onStopped: (code: ProblemCode) => void;
  onRestart: () => void;
}

export function SetPassword({ token, canUnlock, canHavePass, identifier, header, onToken, onDone, onStopped, onRestart }: SetPasswordProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [ending, setEnding] = useState<Ending>("password");
  const { unknownTitle: title, unknown: next } = t.reset[ending];
  const complete = async (wanted: Ending, password = "") => {
    setEnding(wanted);
    const wishes = { password: { new_password: password }, unlock: { unlock: true }, pass: { temporary_access_pass: true } };
    try {
      const { temporary_access_pass: text, minutes } = await client.complete({ reset_token: token, ...wishes[wanted] });
      onDone(wanted, text ? { text, minutes: minutes ?? 0 } : undefined);
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
      onChosen={(password) => complete("password", password)}
    >
      {(["unlock", "pass"] as const)
        .filter((other) => (other === "unlock" ? canUnlock : canHavePass))
        .map((other) => (
          <Fragment key={other}>
            <p>{t.reset[other].text}</p>
            <div class="actions">
              <button type="button" class="secondary" aria-disabled={task.busy} onClick={() => void task.run(() => complete(other))}>
                {t.reset[other].submit}
              </button>
            </div>
          </Fragment>
        ))}
      <StartAgain onRestart={onRestart} />
    </NewPasswordStep>
  );
}
