/** A form whose mistakes are named at the top, tied to their fields, and focused. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useCountdown } from "../hooks/useCountdown";
import { duration, useWords } from "../i18n";
import type { Explained } from "../i18n/explain";

export interface Mistake extends Explained {
  /** The id of the field to correct; absent when no single field is to blame. */
  field?: string | undefined;
}

interface FormProps {
  mistake: Mistake | null;
  onSubmit: () => void;
  children: ComponentChildren;
}

export function Form({ mistake, onSubmit, children }: FormProps) {
  // Each try gets a summary of its own, focused when it appears. Focusing on every change instead would take the
  // cursor away from somebody who is typing the correction.
  const [tries, setTries] = useState(0);
  const submit = (event: Event) => {
    event.preventDefault();
    setTries(tries + 1);
    onSubmit();
  };
  // noValidate: the browser's own bubbles vanish, speak its language instead of ours and are skipped by some screen readers.
  return (
    <form noValidate onSubmit={submit}>
      {mistake && <ErrorSummary key={tries} mistake={mistake} />}
      {children}
    </form>
  );
}

export function ErrorSummary({ mistake }: { mistake: Mistake }) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  const visit = (event: Event) => {
    event.preventDefault();
    document.getElementById(mistake.field ?? "")?.focus();
  };
  return (
    <div class="mistake" ref={box} tabIndex={-1} role="alert" aria-label={t.errorSummary}>
      <h2>{mistake.title}</h2>
      {mistake.readyAt !== undefined && <TimeLeft until={mistake.readyAt} />}
      {mistake.field ? (
        <a href={`#${mistake.field}`} onClick={visit}>
          {mistake.next}
        </a>
      ) : (
        mistake.next && <p>{mistake.next}</p>
      )}
      {mistake.reference && <p class="fine">{t.reference({ reference: mistake.reference.replace(/(.{4})(?=.)/g, "$1-") })}</p>}
    </div>
  );
}

/** Counts down without a word from the screen reader, which has said it once. */
function TimeLeft({ until }: { until: number }) {
  const { t, language } = useWords();
  const left = useCountdown(until);
  return <p aria-live="off">{left > 0 ? t.limitedFor({ wait: duration(left, language) }) : t.limitOver}</p>;
}
