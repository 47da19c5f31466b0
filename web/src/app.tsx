import { Frame } from "./parts/Frame";
import { Activate } from "./pages/activate/Activate";
import { Help } from "./pages/Help";
import { Home } from "./pages/Home";
import { NoSuchPage } from "./pages/NoSuchPage";
import { NotMe } from "./pages/notMe/NotMe";
import { ChangePassword } from "./pages/password/ChangePassword";
import { Register } from "./pages/register/Register";
import { Reset } from "./pages/reset/Reset";
import { useRoute, type Page } from "./router";

const pages: Record<Page, () => preact.JSX.Element> = {
  home: Home,
  reset: Reset,
  register: Register,
  password: ChangePassword,
  activate: Activate,
  notMe: NotMe,
  help: Help,
};

/** `service` is the search for the service's address; when it fails, the frame says so on every page. */
export function App({ service }: { service: Promise<unknown> }) {
  const { page, visit } = useRoute();
  const Shown = page === undefined ? NoSuchPage : pages[page];
  // Keyed by visit: a page left behind forgets its half-typed codes and passwords.
  return (
    <Frame service={service}>
      <Shown key={visit} />
    </Frame>
  );
}
