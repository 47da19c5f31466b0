import { Frame } from "./parts/Frame";
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
  notMe: NotMe,
};

export function App() {
  const { page, visit } = useRoute();
  const Shown = page === undefined ? NoSuchPage : pages[page];
  // Keyed by visit: a page left behind forgets its half-typed codes and passwords.
  return (
    <Frame>
      <Shown key={visit} />
    </Frame>
  );
}
