import { useState } from "preact/hooks";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { partsOf } from "../../methods";
import { chooseWords, waysOf, type Channels, type Way } from "../../methods/ways";
import { tellCodeAsked } from "../../otherTabs";
import type { Opening } from "../../parts/Door";
import { ErrorSummary } from "../../parts/Form";
import { Help } from "../../parts/Help";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import { challenge } from "./challenge";
import type { Asked, Gate } from "./gate";
import type { Header } from "./Reset";
import { StartAgain } from "./StartAgain";

interface ChooseMethodProps {
  gate: Gate;
  channels: Channels;
  /** Which gate it is. Only a few accounts need more than two. */
  words: "first" | "second" | "more";
  header: Header;
  opening: Opening;
  onAsked: (method: string, asked: Asked, seconds: number) => void;
  /** Back to the code that is on its way or was sent already: asking again would end it. */
  onAgain: (method: string) => void;
  onRestart: () => void;
}

/** Nothing is sent before a button is pressed, even when only one method is left: a message costs money and attention. */
export function ChooseMethod({ gate, channels, words, header, opening, onAsked, onAgain, onRestart }: ChooseMethodProps) {
  const { t } = useWords();
  const client = useClient();
  const task = useTask();
  const [chosen, setChosen] = useState("");
  const ways = waysOf(partsOf(gate.methods), channels);

  const choose = (way: Way, key: string) => {
    const { part, channel } = way;
    const before = gate.asked[part.name];
    const isThere = before !== undefined && before.channel === channel;
    if (isThere && (part.family === "kept_secret" || Date.now() < Math.max(before.endsAt, before.readyAt))) return onAgain(part.name);
    setChosen(key);
    void task.run(async () => {
      const { asked, seconds } = await challenge(client, gate.token, way);
      if (part.family === "sent_code") tellCodeAsked();
      onAsked(part.name, asked, seconds);
    });
  };

  return (
    <Step title={t.reset.choose[words]} opening={opening} {...header}>
      {task.problem && <ErrorSummary mistake={explain(t, task.problem, "step")} />}
      <p class="lead">{t.reset.choose[`${words}Text`]}</p>
      {ways.length === 0 && <p>{gate.lacks.length === 0 ? t.reset.choose.none : gate.lacks.map((lack) => t.reset.choose.lacks[lack]).join(" ")}</p>}
      {ways.length === 0 && gate.lacks.length > 0 && <p>{t.reset.choose.noneHelp}</p>}
      <ul class="choices">
        {ways.map((way) => {
          const { name } = way.part;
          const key = `${name} ${way.channel}`;
          return (
            <li key={key}>
              <button type="button" class="choice" aria-disabled={task.busy} onClick={() => choose(way, key)}>
                <strong>{task.busy && chosen === key ? t.working : chooseWords(t, way)}</strong>
                {gate.hints[name] && <span>{t.reset.choose.hint({ masked: gate.hints[name] ?? "" })}</span>}
              </button>
            </li>
          );
        })}
      </ul>
      <Help title={t.reset.choose.lost}>
        <p>{t.reset.choose.lostText}</p>
      </Help>
      <StartAgain onRestart={onRestart} />
    </Step>
  );
}
