import type { ComponentChildren } from "preact";

interface NoticeProps {
  /** `ask` wants something from the person, `good` confirms, `plain` informs. Colour only repeats what the words say. */
  kind: "ask" | "good" | "plain";
  title?: string;
  children: ComponentChildren;
}

export function Notice({ kind, title, children }: NoticeProps) {
  return (
    <div class={`notice notice-${kind}`}>
      {title && <h2>{title}</h2>}
      {children}
    </div>
  );
}
