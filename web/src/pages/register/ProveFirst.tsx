/** Before a change: use a method that is confirmed already (rule 20). Whoever only knows the password gets no further. */
import { useState } from "preact/hooks";
import type { Me, MyMethod } from "../../api/client";
import { Problem } from "../../api/problem";
import { explain } from "../../i18n/explain";
import { moment, useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { partOf, partsOf } from "../../methods";
import type { MethodPart } from "../../methods/part";
import { asked as asChannel, chooseWords, sentWords, waysOf, type Channels, type Way } from "../../methods/ways";
import { tellCodeAsked } from "../../otherTabs";
import { CodeForm, inSeconds } from "../../parts/CodeForm";
import { ErrorSummary } from "../../parts/Form";
import { Help } from "../../parts/Help";
import { Notice } from "../../parts/Notice";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";
import type { ProofCode, Proving } from "./steps";

interface ProveFirstProps {
  token: string;
  proving: Proving;
  /** When the wait ends that has begun already, because all were reported lost. */
  lossEndsAt: string | null;
  /** Those that cannot be used now, because their owner refuses texts. */
  optedOut: readonly MyMethod[];
  channels: Channels;
  /** The method that was chosen; empty while one is to be chosen. */
  asking: string;
  onAsked: (method: string, asked: ProofCode) => void;
  /** Keeps what came for the method that was chosen. */
  onKnow: (method: string, asked: ProofCode) => void;
  /** Back to the code that was sent already. */
  onAgain: (method: string) => void;
  /** Another method, of these. */
  onChoose: (methods: readonly string[], spent: boolean) => void;
  onProved: (proof: string) => void;
  /** The person has lost every method: a wait has begun. */
  onLost: (me: Me) => void;
  onCancel: () => void;
}

export function ProveFirst(props: ProveFirstProps) {
  const { proving, asking } = props;
  const part = partOf(asking);
  const asked = proving.asked[asking];
  return part === undefined || asked === undefined ? <Choose {...props} /> : <Answer key={asking} {...props} part={part} asked={asked} />;
}

function useAsk({ token, proving }: ProveFirstProps) {
  const client = useClient();
  return async ({ part, channel }: Way): Promise<ProofCode> => {
    const given = await client.askProof(token, { method: part.name, ...asChannel(channel), ...(proving.newest && { proof: proving.newest }) });
    if (part.family === "sent_code") tellCodeAsked();
    return { proof: given.proof, channel, challenge: given.challenge, readyAt: inSeconds(given.wait), endsAt: inSeconds(given.code_expires_in) };
  };
}

function Choose(props: ProveFirstProps) {
  const { token, proving, lossEndsAt, optedOut, channels, onAsked, onAgain, onLost, onCancel } = props;
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const ask = useAsk(props);
  const [chosen, setChosen] = useState("");
  const choose = (way: Way, key: string) => {
    const { part, channel } = way;
    const before = proving.asked[part.name];
    if (before !== undefined && before.channel === channel && (part.family === "kept_secret" || Date.now() < Math.max(before.endsAt, before.readyAt))) return onAgain(part.name);
    setChosen(key);
    void task.run(async () => onAsked(part.name, await ask(way)));
  };
  return (
    <Step title={t.prove.title} opening={1}>
      {task.problem && <ErrorSummary mistake={explain(t, task.problem, "step")} />}
      <p class="lead">{proving.spent ? t.prove.spent : t.prove.text}</p>
      {proving.methods.length === 0 && !proving.spent && <p>{t.prove.none}</p>}
      {optedOut.map(({ method, contact, start_to: number }) => (
        <Notice key={method} kind="plain" title={contact}>
          <p>{number === "" ? t.methods.optedOutUnheard : t.methods.optedOut({ number })}</p>
        </Notice>
      ))}
      <ul class="choices">
        {waysOf(partsOf(proving.methods), channels).map((way) => {
          const key = `${way.part.name} ${way.channel}`;
          return (
            <li key={key}>
              <button type="button" class="choice" aria-disabled={task.busy} onClick={() => choose(way, key)}>
                <strong>{task.busy && chosen === key ? t.working : chooseWords(t, way)}</strong>
              </button>
            </li>
          );
        })}
      </ul>
      <Help title={t.reset.choose.lost}>
        {lossEndsAt === null || Date.parse(lossEndsAt) <= Date.now() ? (
          <>
            <p>{t.prove.lost}</p>
            <button type="button" class="secondary" aria-disabled={task.busy} onClick={() => void task.run(async () => onLost(await client.reportLoss(token)))}>
              {t.prove.allLost}
            </button>
          </>
        ) : (
          <p>
            {t.loss.title}. {t.loss.waiting({ date: moment(lossEndsAt, language) })}
          </p>
        )}
      </Help>
      <p class="way-out">
        <button type="button" class="link" onClick={onCancel}>
          {t.cancel}
        </button>
      </p>
    </Step>
  );
}

function Answer({ part, asked, ...props }: ProveFirstProps & { part: MethodPart; asked: ProofCode }) {
  const { token, proving, onKnow, onChoose, onProved } = props;
  const { t } = useWords();
  const client = useClient();
  const ask = useAsk(props);
  const answer = async (text: string) => {
    try {
      onProved((await client.giveProof(token, { proof: asked.proof, answer: text })).proof);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === "no_tries_left") return onChoose(proving.methods.filter((method) => method !== part.name), true);
      if (error.verificationToken !== undefined) onKnow(part.name, { ...asked, proof: error.verificationToken });
      throw error;
    }
  };
  const ways = (
    <p class="way-out">
      {proving.methods.length > 1 && (
        <button type="button" class="link" onClick={() => onChoose(proving.methods, proving.spent)}>
          {t.reset.code.another}
        </button>
      )}
      <button type="button" class="link" onClick={props.onCancel}>
        {t.cancel}
      </button>
    </p>
  );
  return part.family === "sent_code" ? (
    <Step title={t.code.title} opening={1}>
      <p class="lead">
        {t.prove.sent} {sentWords(t, part, asked.channel).sent}
      </p>
      <CodeForm
        part={part}
        channel={asked.channel}
        submit={t.code.submit}
        readyAt={asked.readyAt}
        endsAt={asked.endsAt}
        onAnswer={answer}
        onResend={async () => onKnow(part.name, await ask({ part, channel: asked.channel }))}
        help={<li>{t.reset.code.helpdesk}</li>}
      />
      {ways}
    </Step>
  ) : (
    <Step title={part.words(t).answer.title} opening={1}>
      <p class="lead">{part.words(t).answer.lead}</p>
      <part.Answer submit={t.code.submit} onAnswer={answer} challenge={asked.challenge} help={null} />
      {ways}
    </Step>
  );
}
