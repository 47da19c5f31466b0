import { Problem, type ProblemCode } from "../../api/problem";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { NewPasswordStep } from "../../parts/NewPasswordStep";
import { useClient } from "../../session";
import type { Header } from "./Reset";
import { StartAgain } from "./StartAgain";
import { stops } from "./Stopped";

interface SetPasswordProps {
  token: string;
  identifier: string;
  header: Header;
  onToken: (token: string) => void;
  onDone: () => void;
  /** The reset cannot be finished, whatever password is chosen. */
  onStopped: (code: ProblemCode) => void;
  onRestart: () => void;
}

export function SetPassword({ token, identifier, header, onToken, onDone, onStopped, onRestart }: SetPasswordProps) {
  const { t } = useWords();
  const client = useClient();
  const complete = async (password: string) => {
    try {
      await client.complete({ reset_token: token, new_password: password });
      onDone();
    } catch (error) {
      if (error instanceof Problem && stops(error.code)) return onStopped(error.code);
      // The refused password keeps the proof: the fresh token lets the next one be tried without new codes.
      if (error instanceof Problem && error.resetToken !== undefined) onToken(error.resetToken);
      throw error;
    }
  };
  return (
    <NewPasswordStep
      task={useTask()}
      title={t.reset.password.title}
      submit={t.reset.password.submit}
      unknown={t.reset.password.unknown}
      situation="proof"
      opening={3}
      header={header}
      identifier={identifier}
      token={token}
      onChosen={complete}
    >
      <StartAgain onRestart={onRestart} />
    </NewPasswordStep>
  );
}
