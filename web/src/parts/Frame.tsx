/** What surrounds every page: the mark, the way home, the languages, and the one live region. */
import { createContext, type ComponentChildren } from "preact";
import { useCallback, useContext, useState } from "preact/hooks";
import { languages, offered, useWords } from "../i18n";
import { Link } from "../router";
import { Door, type Opening } from "./Door";

interface Stage {
  open: (opening: Opening) => void;
  /** Says something to a screen reader without moving the focus. */
  announce: (text: string) => void;
}

const StageContext = createContext<Stage>({ open: () => undefined, announce: () => undefined });

export const useStage = () => useContext(StageContext);

export function Frame({ children }: { children: ComponentChildren }) {
  const { t } = useWords();
  const [opening, open] = useState<Opening>(0);
  const [said, setSaid] = useState("");
  // Cleared first: the same sentence twice ("a new code…") would otherwise be read out only once.
  const announce = useCallback((text: string) => {
    setSaid("");
    setTimeout(() => setSaid(text), 60);
  }, []);
  const [stage] = useState<Stage>(() => ({ open, announce }));
  // Not by the link itself: that would leave "#content" in the address and a second entry in the history.
  const skip = (event: Event) => {
    event.preventDefault();
    document.getElementById("content")?.focus();
  };
  return (
    <StageContext.Provider value={stage}>
      <a class="skip" href="#content" onClick={skip}>
        {t.skip}
      </a>
      <header class="side">
        <Link to="home" class="brand">
          <Door opening={opening} class="brand-door" />
          <span>Sésame</span>
        </Link>
        <div class="side-scene" aria-hidden="true">
          <Door opening={opening} />
          <p>{t.tagline}</p>
        </div>
        <LanguageSwitch />
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <p class="unseen" role="status">
        {said}
      </p>
    </StageContext.Provider>
  );
}

function LanguageSwitch() {
  const { t, language, speak } = useWords();
  return (
    <nav class="languages" aria-label={t.language}>
      {offered.map((one) => (
        <button key={one} type="button" lang={one} aria-pressed={one === language} onClick={() => speak(one)}>
          {languages[one].name}
        </button>
      ))}
    </nav>
  );
}
