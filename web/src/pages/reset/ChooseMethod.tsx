import { useState } from "preact/hooks";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import type { MethodPart } from "../../methods/part";
import type { Opening } from "../../parts/Door";
import { ErrorSummary } from "../../parts/Form";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import { challenge } from "./challenge";
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
  const [chosen, setChosen] = useState<MethodPart | null>(null);
  const first = gate.number === 1;

  const choose = (part: MethodPart) => {
    // Back to the code that is on its way already: asking for it twice within the wait would only be refused.
    if (asked?.part === part && Date.now() < asked.readyAt) return onChallenged(gate, asked);
    setChosen(part);
    void task.run(async () => {
      const given = await challenge(client, gate.token, part);
      onChallenged({ ...gate, token: given.token }, given.asked);
    });
  };

  return (
    <Step title={first ? t.reset.choose.first : t.reset.choose.second} opening={opening}>
      {task.problem && <ErrorSummary mistake={explain(t, language, task.problem, "step")} />}
      <p class="lead">{first ? t.reset.choose.firstText : t.reset.choose.secondText}</p>
      {gate.methods.length === 0 && <p>{t.reset.choose.none}</p>}
      <ul class="choices">
        {gate.methods.map((part) => (
          <li key={part.name}>
            <button type="button" class="choice" aria-disabled={task.busy} onClick={() => choose(part)}>
              <strong>{task.busy && chosen === part ? t.working : part.words(t).choose}</strong>
              {gate.hints[part.name] && <span>{t.reset.choose.hint({ masked: gate.hints[part.name] ?? "" })}</span>}
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
