/** A form whose mistakes are named at the top, tied to their fields, and focused. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useWords, type Explanation } from "../i18n";

export interface Mistake extends Explanation {
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
      {mistake.field ? (
        <a href={`#${mistake.field}`} onClick={visit}>
          {mistake.next}
        </a>
      ) : (
        <p>{mistake.next}</p>
      )}
    </div>
  );
}
