import { useEffect, useState } from "preact/hooks";
import { useWords } from "../i18n";
import { ErrorSummary } from "../parts/Form";
import { Step } from "../parts/Step";
import { payload, type BotCheckChallenge, type Said } from "./challenge";
import workerUrl from "./solve.worker?worker&url";

interface BotCheckProps {
  challenge: BotCheckChallenge;
  onSolved: (solution: string) => void;
  onCancel: () => void;
}

/** The only script that may be loaded by an address that code makes: our own worker (Content-Security-Policy, trusted-types). */
const policy = (globalThis as { trustedTypes?: { createPolicy: (name: string, rules: object) => { createScriptURL: (url: string) => unknown } } })
  .trustedTypes?.createPolicy("bot-check", { createScriptURL: (url: string) => (url === workerUrl ? url : "") });

/** The device computes for a few seconds, and the person has nothing to do. The number of computations is known, so that progress is real. */
export function BotCheck({ challenge, onSolved, onCancel }: BotCheckProps) {
  const { t } = useWords();
  const [tried, setTried] = useState(0);
  const [failed, setFailed] = useState(false);
  const most = challenge.parameters.data.tries;

  useEffect(() => {
    const worker = new Worker((policy?.createScriptURL(workerUrl) ?? workerUrl) as string, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Said>) =>
      "counter" in data ? onSolved(payload(challenge, data.counter, data.derivedKey)) : setTried(data.tried);
    worker.onerror = () => setFailed(true);
    worker.postMessage(challenge);
    return () => worker.terminate();
  }, [challenge]);

  return (
    <Step title={t.botCheck.title}>
      {failed && <ErrorSummary mistake={t.botCheck.failed} />}
      <p class="lead">{t.botCheck.text}</p>
      {!failed && <progress class="progress" max={most} value={tried} aria-label={t.botCheck.progress} />}
      <div class="actions">
        <button type="button" class="secondary" onClick={onCancel}>
          {t.botCheck.cancel}
        </button>
      </div>
    </Step>
  );
}
