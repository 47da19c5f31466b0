/** A key pair that answers to this site only, kept by the person's device or password manager (WebAuthn). */
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../api/problem";
import { useTask } from "../hooks/useTask";
import { useWords } from "../i18n";
import { explainAnswer, type RefusalWords } from "../i18n/explain";
import { Form } from "../parts/Form";
import { Submit } from "../parts/Submit";
import { keptSecret, type AnswerProps, type EnrolProps } from "./part";

type Library = typeof import("@simplewebauthn/browser");
/** Why the browser gave no answer. */
type Stopped = "closed" | "registered" | "unsuitable" | "unsupported";

/** A file of its own, which only people with a passkey load. */
const load = (): Promise<Library> => import("@simplewebauthn/browser");

/** The options that the service gave, as JSON of WebAuthn. */
export function readOptions<Options>(given: unknown): Options {
  const { options } = (given ?? {}) as Partial<Record<string, unknown>>;
  if (typeof options !== "string") throw new Problem("internal");
  return JSON.parse(options) as Options;
}

/** Browsers report many causes as "not allowed", so that no page can find out who has a passkey. */
export function whyStopped(error: unknown): Stopped {
  const { name, code = "" } = error as { name?: string; code?: string };
  if (name === "InvalidStateError") return "registered";
  if (name === "SecurityError" || name === "NotSupportedError") return "unsupported";
  if (code.startsWith("ERROR_AUTHENTICATOR_MISSING")) return "unsuitable";
  return "closed";
}

/** Lets the browser ask the person after a press, and sends what it answers. */
function usePasskey(perform: (library: Library) => Promise<object>, words: RefusalWords, onAnswer: (answer: string) => Promise<void>) {
  const { t } = useWords();
  const task = useTask();
  const [stopped, setStopped] = useState<Stopped | null>(null);
  // Before the press: some browsers ask only directly after one.
  useEffect(() => void load().catch(() => undefined), []);

  const start = () => {
    setStopped(null);
    void task.run(async () => {
      const library = await load().catch(() => {
        throw new Problem("try_again");
      });
      if (!library.browserSupportsWebAuthn()) return setStopped("unsupported");
      const given = await perform(library).catch((error: unknown) => setStopped(whyStopped(error)));
      if (given) await onAnswer(JSON.stringify(given));
    });
  };
  const said = task.problem && explainAnswer(t, words, task.problem);
  return { start, busy: task.busy, mistake: stopped ? t.method.passkey.stopped[stopped] : said };
}

function Enrol({ enrolment, onAnswer }: EnrolProps) {
  const { t } = useWords();
  const { enrol, answer } = t.method.passkey;
  const passkey = usePasskey(
    ({ startRegistration }) => startRegistration({ optionsJSON: readOptions(enrolment) }),
    { refused: enrol.refused, malformed: answer.malformed },
    onAnswer,
  );
  if (enrolment === null) return <p class="lead">{enrol.shownBefore}</p>;
  return (
    <Form mistake={passkey.mistake} onSubmit={passkey.start}>
      <p>{enrol.lead}</p>
      <div class="actions">
        <Submit busy={passkey.busy} label={enrol.create} />
      </div>
    </Form>
  );
}

function Answer({ onAnswer, challenge, help }: AnswerProps) {
  const { t } = useWords();
  const words = t.method.passkey.answer;
  const passkey = usePasskey(
    ({ startAuthentication }) => startAuthentication({ optionsJSON: readOptions(challenge) }),
    words,
    onAnswer,
  );
  return (
    <Form mistake={passkey.mistake} onSubmit={passkey.start}>
      <div class="actions">
        <Submit busy={passkey.busy} label={words.use} />
      </div>
      <details class="help">
        <summary>{words.trouble}</summary>
        <ul>
          <li>{words.elsewhere}</li>
          <li>{words.resting}</li>
          {help}
        </ul>
      </details>
    </Form>
  );
}

export default keptSecret("passkey", { Enrol, Answer });
