/** What surrounds every page: the brand, the languages, who is signed in, the way to help, and the one live region. */
import { createContext, type ComponentChildren } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";
import { languages, offered, useWords } from "../i18n";
import { Link } from "../router";
import { Brand } from "./Brand";
import { Door, type Opening } from "./Door";
import { ErrorSummary } from "./Form";
import { Helpdesk } from "./Helpdesk";
import { SignedInBar } from "./SignedInBar";

interface Stage {
  open: (opening: Opening) => void;
  /** Says something to a screen reader without moving the focus. */
  announce: (text: string) => void;
}

const StageContext = createContext<Stage>({ open: () => undefined, announce: () => undefined });

export const useStage = () => useContext(StageContext);

export function Frame({ service, children }: { service: Promise<unknown>; children: ComponentChildren }) {
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
          <Brand opening={opening} />
        </Link>
        <div class="side-scene" aria-hidden="true">
          <Door opening={opening} />
          <p>{t.tagline}</p>
        </div>
        <LanguageSwitch />
      </header>
      <div class="page">
        <SignedInBar />
        <main id="content" tabIndex={-1}>
          <NotLoaded service={service} />
          {children}
        </main>
        <footer class="foot">
          <Link to="help">{t.help.link}</Link>
          <Helpdesk />
        </footer>
      </div>
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

/** The page does not know where the service is: only a reload helps, so the button stands on every page. */
function NotLoaded({ service }: { service: Promise<unknown> }) {
  const { t } = useWords();
  const [lost, setLost] = useState(false);
  useEffect(() => void service.catch(() => setLost(true)), [service]);
  if (!lost) return null;
  return (
    <div class="step not-loaded">
      <ErrorSummary mistake={t.problem.not_loaded} />
      <div class="actions">
        <button type="button" class="secondary" onClick={() => location.reload()}>
          {t.reload}
        </button>
      </div>
    </div>
  );
}
