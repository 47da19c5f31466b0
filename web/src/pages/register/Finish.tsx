import type { Me } from "../../api/client";
import { moment, useWords } from "../../i18n";
import { partOf } from "../../methods";
import { Step } from "../../parts/Step";
import { Link, useRoute } from "../../router";
import { restsUntil } from "./MethodCard";
import { isProof } from "./MethodList";

interface FinishProps {
  me: Me;
  onMore: () => void;
  onSignOut: () => void;
}

export const isReady = (me: Me): boolean => me.missing.length === 0 && me.methods.some(isProof);

/** A clear end, and a true one: "all set" is only said when the confirmed methods suffice. */
export function Finish({ me, onMore, onSignOut }: FinishProps) {
  const { t, language } = useWords();
  const { go } = useRoute();
  const ready = isReady(me);
  const proofs = me.methods.filter(isProof).map((mine) => ({ ...mine, until: restsUntil(mine) }));
  const leave = () => {
    onSignOut();
    go("home");
  };
  return (
    <Step title={ready ? t.finish.ready : t.finish.notReady} opening={ready ? 4 : 2}>
      <p class="lead">{ready ? t.finish.readyText : t.finish.notReadyText}</p>
      <dl class="summary">
        {proofs.map(({ method, credential, contact, label, until }) => (
          <div key={`${method} ${credential}`}>
            <dt>{partOf(method)?.words(t).name ?? method}</dt>
            <dd>{contact || label}</dd>
            {until && <dd class="fine">{t.methods.resting({ date: moment(until, language) })}</dd>}
          </div>
        ))}
      </dl>
      <p>{t.finish.notice}</p>
      {ready ? (
        <>
          <p>{t.finish.close}</p>
          <p class="way-out">
            <Link to="home">{t.home}</Link>
          </p>
        </>
      ) : (
        <div class="actions">
          <button type="button" class="primary" onClick={onMore}>
            {t.finish.more}
          </button>
          <button type="button" class="quiet" onClick={leave}>
            {t.finish.signOut}
          </button>
        </div>
      )}
    </Step>
  );
}
