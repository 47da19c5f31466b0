import { useCopy, type CopyWords } from "../hooks/useCopy";

/** In groups of four, so that one does not lose one's place while typing. */
export const inGroups = (key: string): string[] => key.match(/.{1,4}/g) ?? [];

interface TextKeyProps {
  id: string;
  value: string;
  words: CopyWords;
}

/** A key to be typed or copied into another program. It is copied without the spaces: not every program ignores them. */
export function TextKey({ id, value, words }: TextKeyProps) {
  const { copy, said } = useCopy(value, words);
  return (
    <div class="text-key">
      <code id={id}>{inGroups(value).join(" ")}</code>
      <div class="actions">
        <button type="button" class="secondary" aria-describedby={id} onClick={copy}>
          {words.copy}
        </button>
        {said && <p class="fine">{said}</p>}
      </div>
    </div>
  );
}
