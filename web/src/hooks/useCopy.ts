import { useState } from "preact/hooks";
import { useStage } from "../parts/Frame";

export interface CopyWords {
  copy: string;
  copied: string;
  notCopied: string;
}

/** Copies a text after a press, and says whether it worked. */
export function useCopy(value: string, words: CopyWords) {
  const { announce } = useStage();
  const [said, setSaid] = useState("");
  const copy = async () => {
    // Absent where the page did not come over HTTPS.
    const done = await Promise.resolve(navigator.clipboard?.writeText(value).then(() => true) ?? false).catch(() => false);
    const text = done ? words.copied : words.notCopied;
    setSaid(text);
    announce(text);
  };
  return { copy: () => void copy(), said };
}
