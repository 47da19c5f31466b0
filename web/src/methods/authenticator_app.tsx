/** Codes that change every 30 seconds, computed by an app of the person's choice (RFC 6238). */
import { useState } from "preact/hooks";
import { Problem } from "../api/problem";
import { useWords } from "../i18n";
import { Form } from "../parts/Form";
import { QrCode } from "../parts/QrCode";
import { Submit } from "../parts/Submit";
import { TextKey } from "../parts/TextKey";
import { TypedAnswer } from "../parts/TypedAnswer";
import { useAnswer } from "../parts/useAnswer";
import { keptSecret, type AnswerProps, type EnrolProps } from "./part";

interface Enrolment {
  uri: string;
  secret: string;
}

/** Only an otpauth: address may become a link. */
export function readEnrolment(given: unknown): Enrolment {
  const { uri, secret } = (given ?? {}) as Partial<Record<string, unknown>>;
  if (typeof uri !== "string" || typeof secret !== "string" || !uri.startsWith("otpauth://")) throw new Problem("internal");
  return { uri, secret };
}

function Enrol({ enrolment, onAnswer }: EnrolProps) {
  const { t } = useWords();
  const { enrol, answer: words } = t.method.authenticator_app;
  const answer = useAnswer({ ...words, label: enrol.label, refused: enrol.refused }, onAnswer);
  return (
    <>
      {enrolment === null ? <p class="lead">{enrol.shownBefore}</p> : <Handover enrolment={enrolment} />}
      <Form mistake={answer.mistake} onSubmit={answer.send}>
        {answer.field}
        <div class="actions">
          <Submit busy={answer.busy} label={t.bind.submitCode} />
        </div>
      </Form>
    </>
  );
}

function Handover({ enrolment }: { enrolment: unknown }) {
  const { t } = useWords();
  const { enrol } = t.method.authenticator_app;
  const [{ uri, secret }] = useState(() => readEnrolment(enrolment));
  // A phone cannot scan its own screen, so there the link comes first and the QR code stays folded away.
  const [onPhone] = useState(() => matchMedia("(pointer: coarse)").matches);

  const scan = (
    <div class="scan">
      <QrCode text={uri} label={enrol.qr} />
      <p>{enrol.scan}</p>
    </div>
  );
  const open = (
    <div class="stack">
      <h2>{enrol.openTitle}</h2>
      <p>{enrol.openHint}</p>
      <div class="actions">
        <a class="secondary" href={uri}>
          {enrol.open}
        </a>
      </div>
    </div>
  );
  const type = (
    <div class="stack">
      <p>{enrol.key}</p>
      <TextKey id="text-key" value={secret} words={enrol} />
    </div>
  );

  return (
    <>
      {onPhone ? (
        <>
          {open}
          <div class="folds">
            <details class="help">
              <summary>{enrol.keyByHand}</summary>
              {type}
            </details>
            <details class="help">
              <summary>{enrol.scanElsewhere}</summary>
              {scan}
            </details>
          </div>
        </>
      ) : (
        <>
          <div class="stack">
            <h2>{enrol.scanTitle}</h2>
            {scan}
          </div>
          <details class="help">
            <summary>{enrol.keyTitle}</summary>
            <div class="stack">
              {type}
              {open}
            </div>
          </details>
        </>
      )}
      <p class="fine">{enrol.secret}</p>
    </>
  );
}

function Answer(props: AnswerProps) {
  const words = useWords().t.method.authenticator_app.answer;
  return <TypedAnswer {...props} words={words} hints={[words.clock, words.entry, words.each, words.resting]} />;
}

export default keptSecret("authenticator_app", { Enrol, Answer });
