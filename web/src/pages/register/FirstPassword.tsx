import type { Session } from "../../api/client";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { NewPasswordStep } from "../../parts/NewPasswordStep";
import { useClient } from "../../session";
import type { AsMe } from "./useAsMe";

interface FirstPasswordProps {
  identifier: string;
  asMe: AsMe;
  onDone: (session: Session) => void;
  onBack: () => void;
}

/** The first password of an account that never had one: the last step of an activation (rule 27). */
export function FirstPassword({ identifier, asMe, onDone, onBack }: FirstPasswordProps) {
  const { t } = useWords();
  const client = useClient();
  return (
    <NewPasswordStep
      task={useTask()}
      title={t.activate.passwordTitle}
      submit={t.activate.passwordSubmit}
      unknown={{ title: t.reset.password.unknownTitle, next: t.activate.passwordUnknown }}
      opening={3}
      identifier={identifier}
      onChosen={async (password) => onDone(await asMe((token) => client.firstPassword(token, { new_password: password })))}
    >
      <p class="way-out">
        <button type="button" class="link" onClick={onBack}>
          {t.back}
        </button>
      </p>
    </NewPasswordStep>
  );
}
