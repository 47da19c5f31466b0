import { useState } from "preact/hooks";
import { channelOf } from "../../api/channel";
import { explain, type MethodName } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { readyIn } from "../../parts/CodeForm";
import type { Opening } from "../../parts/Door";
import { ErrorSummary } from "../../parts/Form";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import type { Asked, Gate } from "./gate";
import { StartAgain } from "./StartAgain";

interface ChooseMethodProps {
  gate: Gate;
  asked: Asked | undefined;
  opening: Opening;
  onChallenged: (gate: Gate, asked: Asked) => void;
  onRestart: () => void;
}

/** Nothing is sent before a button is pressed, even when only one method is left: a message costs money and attention. */
export function ChooseMethod({ gate, asked, opening, onChallenged, onRestart }: ChooseMethodProps) {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const [chosen, setChosen] = useState<MethodName | null>(null);
  const first = gate.number === 1;

  const choose = (method: MethodName) => {
    // Back to the code that is on its way already: asking for it twice within the wait would only be refused.
    if (asked?.method === method && Date.now() < asked.readyAt) return onChallenged(gate, asked);
    setChosen(method);
    void task.run(async () => {
      const { verification_token, wait } = await client.challenge({
        verification_token: gate.token,
        method,
        ...channelOf(method),
      });
      onChallenged({ ...gate, token: verification_token }, { method, readyAt: readyIn(wait) });
    });
  };

  return (
    <Step title={first ? t.reset.choose.first : t.reset.choose.second} opening={opening}>
      {task.problem && <ErrorSummary mistake={explain(t, language, task.problem, "step")} />}
      <p class="lead">{first ? t.reset.choose.firstText : t.reset.choose.secondText}</p>
      {gate.methods.length === 0 && <p>{t.reset.choose.none}</p>}
      <ul class="choices">
        {gate.methods.map((method) => (
          <li key={method}>
            <button type="button" class="choice" aria-disabled={task.busy} onClick={() => choose(method)}>
              <strong>{task.busy && chosen === method ? t.working : t.method[method].sendTo}</strong>
              {gate.hints[method] && <span>{t.reset.choose.hint(gate.hints[method])}</span>}
            </button>
          </li>
        ))}
      </ul>
      <details class="help">
        <summary>{t.reset.choose.lost}</summary>
        <p>{t.reset.choose.lostText}</p>
      </details>
      <StartAgain onRestart={onRestart} />
    </Step>
  );
}
