import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useWords } from "../i18n";
import type { Opening } from "./Door";
import { useStage } from "./Frame";

interface StepProps {
  title: string;
  opening?: Opening;
  children: ComponentChildren;
}

/** The very first heading does not take the focus: somebody who has just arrived starts at the top of the page. */
let arrived = false;

/** One screen of a journey. Its heading takes the focus when it appears, so that a screen reader says where one is. */
export function Step({ title, opening = 0, children }: StepProps) {
  const { t } = useWords();
  const { open } = useStage();
  const screen = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = t.pageTitle({ page: title });
  }, [t, title]);
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
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </section>
  );
}
