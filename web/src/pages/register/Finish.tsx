import type { Me } from "../../api/client";
import { isMethodName } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { Step } from "../../parts/Step";
import { Link } from "../../router";
import { isProof } from "./MethodList";

/** A clear end, and a true one: "all set" is only said when the confirmed methods suffice. */
export function Finish({ me }: { me: Me }) {
  const { t } = useWords();
  const ready = me.missing.length === 0 && me.methods.some(isProof);
  return (
    <Step title={ready ? t.finish.ready : t.finish.notReady} opening={ready ? 4 : 2}>
      <p class="lead">{ready ? t.finish.readyText : t.finish.notReadyText}</p>
      <dl class="summary">
        {me.methods.filter(isProof).map(({ method, contact }) => (
          <div key={method}>
            <dt>{isMethodName(method) ? t.method[method].name : method}</dt>
            <dd>{contact}</dd>
          </div>
        ))}
      </dl>
      <p>{t.finish.notice}</p>
      <p>{t.finish.close}</p>
      <p class="way-out">
        <Link to={ready ? "home" : "register"}>{ready ? t.home : t.finish.more}</Link>
      </p>
    </Step>
  );
}
