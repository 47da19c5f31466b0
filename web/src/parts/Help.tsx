import type { ComponentChildren } from "preact";

/** What to do when it does not go on, folded away until it is needed. */
export function Help({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <details class="help">
      <summary>{title}</summary>
      {children}
    </details>
  );
}
