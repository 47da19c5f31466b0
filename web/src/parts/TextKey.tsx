import { useState } from "preact/hooks";
import { useStage } from "./Frame";

/** In groups of four, so that one does not lose one's place while typing. */
export const inGroups = (key: string): string[] => key.match(/.{1,4}/g) ?? [];

interface TextKeyProps {
  id: string;
  value: string;
  words: { copy: string; copied: string; notCopied: string };
}

/** A key to be typed or copied into another program. */
export function TextKey({ id, value, words }: TextKeyProps) {
  const { announce } = useStage();
  const [said, setSaid] = useState("");
  const copy = async () => {
    // Without the spaces: not every program ignores them. Absent where the page did not come over HTTPS.
    const done = await Promise.resolve(navigator.clipboard?.writeText(value).then(() => true) ?? false).catch(() => false);
    const text = done ? words.copied : words.notCopied;
    setSaid(text);
    announce(text);
  };
  return (
    <div class="text-key">
      <code id={id}>{inGroups(value).join(" ")}</code>
      <div class="actions">
        <button type="button" class="secondary" aria-describedby={id} onClick={() => void copy()}>
          {words.copy}
        </button>
        {said && <p class="fine">{said}</p>}
      </div>
    </div>
  );
}
