/** Before a change: use a method that is confirmed already (rule 20). Whoever only knows the password gets no further. */
import { useState } from "preact/hooks";
import type { Me, ProofAsked } from "../../api/client";
import { Problem } from "../../api/problem";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { partsOf } from "../../methods";
import type { MethodPart } from "../../methods/part";
import { CodeForm, readyIn } from "../../parts/CodeForm";
import { ErrorSummary } from "../../parts/Form";
import { Step } from "../../parts/Step";
import { useClient } from "../../session";

interface ProveFirstProps {
  token: string;
  methods: readonly string[];
  onProved: (proof: string) => void;
  /** The person has lost every method: a wait has begun. */
  onLost: (me: Me) => void;
  onCancel: () => void;
}

interface Asked {
  part: MethodPart;
  given: ProofAsked;
  readyAt: number;
}

export function ProveFirst({ token, methods, onProved, onLost, onCancel }: ProveFirstProps) {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const [chosen, setChosen] = useState<MethodPart | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [spent, setSpent] = useState<MethodPart[]>([]);
  const parts = partsOf(methods).filter((part) => !spent.includes(part));

  const ask = async (part: MethodPart, proof?: string): Promise<Asked> => {
    const channel = part.family === "sent_code" && part.channel !== undefined ? { channel: part.channel } : {};
    const given = await client.askProof(token, { method: part.name, ...channel, ...(proof !== undefined && { proof }) });
    const now = { part, given, readyAt: readyIn(given.wait) };
    setAsked(now);
    return now;
  };
  const choose = (part: MethodPart) => {
    setChosen(part);
    void task.run(async () => void (await ask(part, asked?.given.proof)));
  };
  const cancel = (
    <p class="way-out">
      <button type="button" class="link" onClick={onCancel}>
        {t.cancel}
      </button>
    </p>
  );

  if (asked === null) {
    return (
      <Step key="choose" title={t.prove.title} opening={1}>
        {task.problem && <ErrorSummary mistake={explain(t, language, task.problem, "step")} />}
        <p class="lead">{spent.length > 0 ? t.prove.spent : t.prove.text}</p>
        <ul class="choices">
          {parts.map((part) => (
            <li key={part.name}>
              <button type="button" class="choice" aria-disabled={task.busy} onClick={() => choose(part)}>
                <strong>{task.busy && chosen === part ? t.working : part.words(t).choose}</strong>
              </button>
            </li>
          ))}
        </ul>
        <details class="help">
          <summary>{t.reset.choose.lost}</summary>
          <p>{t.prove.lost}</p>
          <button type="button" class="secondary" aria-disabled={task.busy} onClick={() => void task.run(async () => onLost(await client.reportLoss(token)))}>
            {t.prove.allLost}
          </button>
        </details>
        {cancel}
      </Step>
    );
  }

  const { part, given } = asked;
  const answer = async (text: string) => {
    try {
      const { proof } = await client.giveProof(token, { proof: given.proof, answer: text });
      onProved(proof);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const proof = error.verificationToken ?? given.proof;
      if (error.code === "no_tries_left") {
        setSpent([...spent, part]);
        return setAsked(null);
      }
      setAsked({ ...asked, given: { ...given, proof } });
      throw error;
    }
  };
  const another = parts.length > 1 && (
    <p class="way-out">
      <button type="button" class="link" onClick={() => setAsked(null)}>
        {t.reset.code.another}
      </button>
    </p>
  );
  return part.family === "sent_code" ? (
    <Step key="code" title={t.code.title} opening={1}>
      <p class="lead">
        {t.prove.sent} {part.words(t).sent}
      </p>
      <CodeForm
        part={part}
        submit={t.code.submit}
        readyAt={asked.readyAt}
        onAnswer={answer}
        onResend={async () => (await ask(part, given.proof)).readyAt}
        help={<li>{t.reset.code.helpdesk}</li>}
      />
      {another}
      {cancel}
    </Step>
  ) : (
    <Step key="secret" title={part.words(t).answer.title} opening={1}>
      <p class="lead">{part.words(t).answer.lead}</p>
      <part.Answer submit={t.code.submit} onAnswer={answer} challenge={given.challenge} help={null} />
      {another}
      {cancel}
    </Step>
  );
}
