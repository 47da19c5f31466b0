/** Which language, and the words in it. The choice lives in memory: nothing about a person stays on a shared computer. */
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { en, type Texts } from "./en";
import { fr } from "./fr";

export const languages = { en: { name: "English", texts: en }, fr: { name: "Français", texts: fr } } as const;

export type Language = keyof typeof languages;

/** The first of the browser's languages that we speak; `?lang=fr`, which a helpdesk can send as a link, goes before them. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split("-")[0] ?? "";
    if (Object.hasOwn(languages, primary)) return primary as Language;
  }
  return "en";
}

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

interface Words {
  t: Texts;
  language: Language;
  speak: (language: Language) => void;
}

const WordsContext = createContext<Words>({ t: en, language: "en", speak: () => undefined });

export const useWords = () => useContext(WordsContext);

interface ProviderProps {
  first: Language;
  /** Lets the client send the language along, so that messages come in the one on the screen. */
  onChange: (language: Language) => void;
  children: ComponentChildren;
}

export function WordsProvider({ first, onChange, children }: ProviderProps) {
  const [language, speak] = useState(first);
  useEffect(() => {
    document.documentElement.lang = language;
    onChange(language);
  }, [language, onChange]);
  const words = useMemo(() => ({ t: languages[language].texts, language, speak }), [language]);
  return <WordsContext.Provider value={words}>{children}</WordsContext.Provider>;
}
