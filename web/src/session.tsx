/** Who is signed in. The sealed token lies in the storage of the tab until it expires or the person signs out. */
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import type { Client, Session as Issued } from "./api/client";
import { forget, load, save } from "./tabStorage";

export interface SignedIn {
  token: string;
  identifier: string;
  /** When the session expires, in milliseconds of the clock. */
  until: number;
  /** Opened with an activation code: it registers methods, and sets the first password if there never was one. */
  activation?: "methods" | "password";
}

export const signedIn = (identifier: string, { token, expires_in: seconds }: Pick<Issued, "token" | "expires_in">): SignedIn => ({
  token,
  identifier,
  until: Date.now() + seconds * 1000,
});

interface Session {
  client: Client;
  who: SignedIn | null;
  setWho: (who: SignedIn | null) => void;
  /** The session ended without a word of the person: its time was over, or the service no longer takes it. */
  expired: boolean;
  expire: () => void;
}

const SESSION = "session";

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ client, children }: { client: Client; children: ComponentChildren }) {
  const [who, keep] = useState<SignedIn | null>(() => {
    const kept = load<SignedIn>(SESSION);
    return kept !== undefined && kept.until > Date.now() ? kept : null;
  });
  const [expired, setExpired] = useState(false);
  const setWho = (next: SignedIn | null) => {
    if (next === null) forget(SESSION);
    else save(SESSION, next);
    keep(next);
    setExpired(false);
  };
  const expire = () => {
    setWho(null);
    setExpired(true);
  };
  useEffect(() => {
    if (who === null) return forget(SESSION);
    const timer = setTimeout(expire, Math.max(0, who.until - Date.now()));
    return () => clearTimeout(timer);
  }, [who]);
  const session = useMemo(() => ({ client, who, setWho, expired, expire }), [client, who, expired]);
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("a page outside the SessionProvider");
  return session;
}

export const useClient = (): Client => useSession().client;
