/** These addresses and no more: nothing of a reset is ever in a URL, so there is nothing to parse out of one. */
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { forget } from "./tabStorage";

export const addresses = { home: "/", reset: "/reset", register: "/register", password: "/password", activate: "/activate", notMe: "/not-me", help: "/help" } as const;

export type Page = keyof typeof addresses;

/** `undefined` is "no such page"; a trailing slash is forgiven because people type it. */
export function pageFor(path: string): Page | undefined {
  const clean = path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
  return (Object.keys(addresses) as Page[]).find((page) => addresses[page] === clean);
}

interface Route {
  page: Page | undefined;
  /** Counts visits, so that choosing the same page again starts it afresh. */
  visit: number;
  go: (page: Page) => void;
}

const RouteContext = createContext<Route>({ page: "home", visit: 0, go: () => undefined });

export const useRoute = () => useContext(RouteContext);

export function Router({ children }: { children: ComponentChildren }) {
  const [at, setAt] = useState({ page: pageFor(location.pathname), visit: 0 });
  useEffect(() => {
    // A mere `#fragment` fires this event too; starting the page afresh then would throw a half-done reset away.
    const moved = () =>
      setAt((was) => {
        const page = pageFor(location.pathname);
        return page === was.page ? was : { page, visit: was.visit + 1 };
      });
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const route = useMemo<Route>(
    () => ({
      ...at,
      go: (page) => {
        forget(page); // chosen anew, it starts afresh; a reload and Back go on where one was
        history.pushState(null, "", addresses[page]);
        scrollTo(0, 0);
        setAt((was) => ({ page, visit: was.visit + 1 }));
      },
    }),
    [at],
  );
  return <RouteContext.Provider value={route}>{children}</RouteContext.Provider>;
}

interface LinkProps {
  to: Page;
  class?: string;
  children: ComponentChildren;
}

/** A real link: middle click, new tab and "copy address" keep working. */
export function Link({ to, children, ...rest }: LinkProps) {
  const { go } = useRoute();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a {...rest} href={addresses[to]} onClick={follow}>
      {children}
    </a>
  );
}
