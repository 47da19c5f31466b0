/** What stands between two codes is neither a letter, a digit, a sign of a number nor a hyphen. */
const code = /(?:^|[^\p{L}\p{N}_+-])(\p{Nd}[\p{Nd}-]{4,16}\p{Nd})(?![\p{L}\p{N}_-])/gu;

/**
 * The code in a message that was pasted whole, as a phone copies it. Any other text stays as it is: the service reads it,
 * and it alone knows how many digits a code has.
 */
export function readCode(text: string): string {
  if (!/\p{L}/u.test(text)) return text;
  const found = new Map<string, string>();
  for (const [, shown = ""] of text.matchAll(code)) {
    const digits = shown.replaceAll("-", "");
    if ([...digits].length >= 6 && [...digits].length <= 12 && !found.has(digits)) found.set(digits, shown);
  }
  const [only] = found.values();
  return found.size === 1 && only !== undefined ? only : text;
}
