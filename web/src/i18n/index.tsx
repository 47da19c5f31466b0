/** Which language, and the words in it. The choice lies in the storage of the tab, so that a reload does not change it. */
import { createContext, type ComponentChildren } from "preact";
import { useCallback, useContext, useEffect, useMemo, useState } from "preact/hooks";
import { languages as translated, type Language, type Texts } from "../../generated/texts";
import { save } from "../tabStorage";

export type { Language, Texts };

/** What went wrong, and what to do next. */
export interface Explanation {
  title: string;
  next: string;
  /** What the person can tell the helpdesk, where the service answered. */
  reference?: string;
}

/** The methods that have words. Which of them the pages can perform is in `src/methods/`; a test holds the two together. */
export type MethodName = keyof Texts["method"];

/** What a person can choose. */
export const offered = Object.keys(translated) as Language[];

/** `?lang=en-XA` shows the local stack in longer, accented English: a text that is not from the catalogue stays plain. */
const PSEUDO = "en-XA";

/** Each language is a chunk of its own: only the one in use is run. */
export const languages =
  import.meta.env.MODE === "production" ? translated : { ...translated, [PSEUDO]: { name: "Pseudo", load: () => import("./pseudo") } };

/** The first of the browser's languages that we speak; `?lang=fr`, which a helpdesk can send as a link, goes before them. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (tag === PSEUDO && Object.hasOwn(languages, tag)) return tag as Language;
    const primary = tag.toLowerCase().split("-")[0] ?? "";
    if (Object.hasOwn(languages, primary)) return primary as Language;
  }
  return "en";
}

export const textsOf = async (language: Language): Promise<Texts> => (await languages[language].load()).texts;

/** "90 seconds" is a sum to do in one's head; above two minutes, whole minutes are said, rounded up so that nobody comes too early. */
export function duration(seconds: number, language: Language): string {
  const [amount, unit] =
    seconds < 120 ? [seconds, "second"] : seconds < 7200 ? [Math.ceil(seconds / 60), "minute"] : [Math.ceil(seconds / 3600), "hour"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);
}

/** The browser's own flavour of the language, where it has one: a date in English reads differently in London and in Boston. */
const regional = (language: Language): string =>
  navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language;

export const day = (instant: string, language: Language): string =>
  new Intl.DateTimeFormat(regional(language), { dateStyle: "long" }).format(new Date(instant));

export const moment = (instant: string, language: Language): string =>
  new Intl.DateTimeFormat(regional(language), { dateStyle: "long", timeStyle: "short" }).format(new Date(instant));

/** A time of today, given in milliseconds of the clock. */
export const clock = (time: number, language: Language): string =>
  new Intl.DateTimeFormat(regional(language), { timeStyle: "short" }).format(time);

interface Words {
  t: Texts;
  language: Language;
  speak: (language: Language) => void;
}

const WordsContext = createContext<Words | undefined>(undefined);

export function useWords(): Words {
  const words = useContext(WordsContext);
  if (words === undefined) throw new Error("no WordsProvider is around this");
  return words;
}

interface ProviderProps {
  first: Language;
  texts: Texts;
  /** Lets the client send the language along, so that messages come in the one on the screen. */
  onChange: (language: Language) => void;
  children: ComponentChildren;
}

export function WordsProvider({ first, texts, onChange, children }: ProviderProps) {
  const [{ language, t }, setWords] = useState({ language: first, t: texts });
  const speak = useCallback((next: Language) => {
    save("language", next);
    // Without a connection, the page stays in the language that it has.
    void textsOf(next).then((loaded) => setWords({ language: next, t: loaded }), () => undefined);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
    onChange(language);
  }, [language, onChange]);
  const words = useMemo(() => ({ t, language, speak }), [t, language, speak]);
  return <WordsContext.Provider value={words}>{children}</WordsContext.Provider>;
}
