import type { Me } from "../../api/client";
import { moment, useWords } from "../../i18n";
import { partOf } from "../../methods";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import type { Onward } from "../../returnTo";
import { Link, useRoute } from "../../router";
import { restsUntil } from "./MethodCard";
import { isProof } from "./MethodList";

interface FinishProps {
  /** Absent after a reload: whoever has finished is signed out. */
  me: Me | null;
  ready: boolean;
  onward: Onward | null;
  onMore: () => void;
  onSignOut: () => void;
}

/** A clear end, and a true one: "ready" is what the service says, which knows the gates. */
export function Finish({ me, ready, onward, onMore, onSignOut }: FinishProps) {
  const { t, language } = useWords();
  const { go } = useRoute();
  const proofs = (me?.methods ?? []).filter(isProof).map((mine) => ({ ...mine, until: restsUntil(mine) }));
  const leave = () => {
    onSignOut();
    go("home");
  };
  const { title, text } = ready
    ? { title: t.finish.ready, text: me === null ? t.finish.saved : t.finish.readyText }
    : me?.needs_activation
      ? { title: t.methods.compromisedTitle, text: t.methods.compromisedAll }
    : me?.frozen
      ? { title: t.methods.frozenTitle, text: t.methods.frozen }
      : me?.ready
        ? { title: t.finish.incomplete, text: t.finish.incompleteText }
      : me?.ready_from
        ? { title: t.finish.readyLater, text: t.finish.readyLaterText({ date: moment(me.ready_from, language) }) }
        : { title: t.finish.notReady, text: t.finish.notReadyText };
  return (
    <Step title={title} opening={ready ? 4 : 2}>
      <p class="lead">{text}</p>
      {proofs.length > 0 && (
        <dl class="summary">
          {proofs.map(({ method, credential, masked, label, until }) => (
            <div key={`${method} ${credential}`}>
              <dt>{partOf(method)?.words(t).name ?? method}</dt>
              <dd translate={false}>{masked || label}</dd>
              {until && <dd class="fine">{t.methods.resting({ date: moment(until, language) })}</dd>}
            </div>
          ))}
        </dl>
      )}
      {proofs.length > 0 && (
        <Notice kind="plain" title={t.finish.lostTitle}>
          <p>{t.finish.lost}</p>
        </Notice>
      )}
      <p>{t.finish.notice}</p>
      {onward && (ready || !onward.required) && (
        <p>
          <a class={ready ? "primary" : "secondary"} href={onward.address} rel="noreferrer">
            {t.finish.goOn({ application: onward.name })}
          </a>
        </p>
      )}
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
