import { useEffect, useState } from "preact/hooks";
import type { BotCheckChallenge } from "../../botCheck/challenge";
import { explain } from "../../i18n/explain";
import { useWords } from "../../i18n";
import { Problem } from "../../api/problem";
import { useTask } from "../../hooks/useTask";
import { Field } from "../../parts/Field";
import { Form, type Mistake } from "../../parts/Form";
import { Step } from "../../parts/Step";
import { Submit } from "../../parts/Submit";
import { useClient } from "../../session";

type BotCheckStep = typeof import("../../botCheck/BotCheck").BotCheck;

/** Loaded when it is first asked for: nearly nobody meets it. */
function useBotCheck(needed: boolean): BotCheckStep | null {
  const [step, setStep] = useState<BotCheckStep | null>(null);
  useEffect(() => {
    if (needed && step === null) void import("../../botCheck/BotCheck").then((loaded) => setStep(() => loaded.BotCheck));
  }, [needed]);
  return step;
}

interface IdentifyProps {
  identifier: string;
  onIdentifier: (identifier: string) => void;
  onStarted: (started: { verification_token: string; methods: string[] }) => void;
}

export function Identify({ identifier, onIdentifier, onStarted }: IdentifyProps) {
  const { t, language } = useWords();
  const client = useClient();
  const task = useTask();
  const [empty, setEmpty] = useState(false);
  const [check, setCheck] = useState<BotCheckChallenge | null>(null);
  const BotCheck = useBotCheck(check !== null);

  const start = (solution?: string) =>
    void task.run(async () => {
      try {
        onStarted(await client.startReset({ identifier: identifier.trim(), ...(solution && { bot_check: solution }) }));
      } catch (error) {
        // Once for each press: a check that is asked for again at once would never end.
        if (!(error instanceof Problem && error.botCheck) || solution) {
          setCheck(null);
          throw error;
        }
        setCheck(error.botCheck);
      }
    });
  const submit = () => {
    setEmpty(identifier.trim() === "");
    if (identifier.trim() === "") return task.setProblem(null);
    start();
  };
  const mistake: Mistake | null = empty
    ? { title: t.errorSummary, next: t.field.required.identifier, field: "identifier" }
    : task.problem && { ...explain(t, language, task.problem), field: task.problem.code === "bad_input" ? "identifier" : undefined };

  if (check && BotCheck) return <BotCheck challenge={check} onSolved={start} onCancel={() => setCheck(null)} />;
  return (
    <Step title={t.reset.identify.title}>
      <Form mistake={mistake} onSubmit={submit}>
        <Field
          id="identifier"
          label={t.field.identifier}
          hint={t.field.identifierHint}
          error={empty ? t.field.required.identifier : undefined}
          value={identifier}
          onValue={onIdentifier}
          autocomplete="username"
        />
        <div class="actions">
          <Submit busy={task.busy || check !== null} label={t.reset.identify.submit} />
        </div>
      </Form>
    </Step>
  );
}
