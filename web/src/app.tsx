import { useEffect, useState } from "preact/hooks";
import { Problem } from "./api/problem";
import { useTask } from "./hooks/useTask";
import { useWords, type Texts } from "./i18n";
import { Frame } from "./parts/Frame";
import { Loading } from "./parts/Loading";
import { Help } from "./pages/Help";
import { Home } from "./pages/Home";
import { NoSuchPage } from "./pages/NoSuchPage";
import { Reset } from "./pages/reset/Reset";
import { useRoute, type Page } from "./router";

type Shown = () => preact.JSX.Element;

interface Later {
  title: (t: Texts) => string;
  load: () => Promise<Shown>;
}

/** Who forgot a password waits for nothing else: the other pages are files apart. */
const pages: Record<Page, Shown | Later> = {
  home: Home,
  reset: Reset,
  help: Help,
  register: { title: (t) => t.signIn.title, load: async () => (await import("./pages/register/Register")).Register },
  password: { title: (t) => t.change.title, load: async () => (await import("./pages/password/ChangePassword")).ChangePassword },
  activate: { title: (t) => t.activate.title, load: async () => (await import("./pages/activate/Activate")).Activate },
  notMe: { title: (t) => t.notMe.title, load: async () => (await import("./pages/notMe/NotMe")).NotMe },
};

/** `service` is the search for the service's address; when it fails, the frame says so on every page. */
export function App({ service }: { service: Promise<unknown> }) {
  const { page, visit } = useRoute();
  const shown = page === undefined ? NoSuchPage : pages[page];
  const Now = typeof shown === "function" ? shown : null;
  // Keyed by visit: a page left behind forgets its half-typed codes and passwords.
  return <Frame service={service}>{Now === null ? <Loaded key={visit} {...(shown as Later)} /> : <Now key={visit} />}</Frame>;
}

/** Loads a page, and says so where that fails. */
function Loaded({ title, load }: Later) {
  const { t } = useWords();
  const [page, setPage] = useState<{ Shown: Shown } | null>(null);
  const loading = useTask();
  useEffect(() => {
    void loading.run(async () => setPage({ Shown: await load().catch(() => Promise.reject(new Problem("unreachable"))) }));
  }, []);
  if (page !== null) return <page.Shown />;
  // Nothing for the moment that it usually takes: a heading that is replaced at once would be read out. A browser does not
  // ask again for a module that it could not get.
  return loading.problem === null ? <></> : <Loading title={title(t)} problem={loading.problem} onRetry={() => location.reload()} />;
}
