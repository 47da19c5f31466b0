import { organisation } from "../organisation";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useWords } from "../i18n";
import type { Opening } from "./Door";
import { useStage } from "./Frame";

export interface Progress {
  /** The step, from 1. */
  step: number;
  of: number;
}

interface StepProps {
  title: string;
  opening?: Opening;
  progress?: Progress | undefined;
  /** The typed name: a mistyped one gets no code, and the page must not say that it is wrong. */
  name?: string | undefined;
  onChangeName?: (() => void) | undefined;
  children: ComponentChildren;
}

/** The very first heading does not take the focus: somebody who has just arrived starts at the top of the page. */
let arrived = false;

/** One screen of a journey. Its heading takes the focus when it appears, so that a screen reader says where one is. */
export function Step({ title, opening = 0, progress, name, onChangeName, children }: StepProps) {
  const { t } = useWords();
  const { open } = useStage();
  const screen = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const place = progress && t.step.of({ step: String(progress.step), total: String(progress.of) });
  useEffect(() => {
    document.title = t.pageTitle({ page: place ? `${title} (${place})` : title, organisation: organisation.name });
  }, [t, title, place]);
  useEffect(() => open(opening), [open, opening]);
  useEffect(() => {
    // A screen that begins with a mistake has given the focus to that.
    if (arrived && !screen.current?.contains(document.activeElement)) {
      heading.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    arrived = true;
  }, []);
  return (
    <section class="step" ref={screen}>
      {(place || name) && (
        <div class="step-header" id="step-header">
          {place && <p>{place}</p>}
          {name && (
            <p class="step-name">
              {t.step.for} <strong translate={false}>{name}</strong>{" "}
              {onChangeName && (
                <button type="button" class="link" aria-label={t.step.changeName} onClick={onChangeName}>
                  {t.step.change}
                </button>
              )}
            </p>
          )}
        </div>
      )}
      <h1 ref={heading} tabIndex={-1} aria-describedby={place || name ? "step-header" : undefined}>
        {title}
      </h1>
      {children}
    </section>
  );
}
