/** Who is signed in, for as long as this page lives. In memory only: a reload signs out, and a shared computer keeps nothing. */
import { createContext, type ComponentChildren } from "preact";
import { useContext, useMemo, useState } from "preact/hooks";
import type { Client } from "./api/client";

export interface SignedIn {
  token: string;
  identifier: string;
}

interface Session {
  client: Client;
  who: SignedIn | null;
  setWho: (who: SignedIn | null) => void;
}

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ client, children }: { client: Client; children: ComponentChildren }) {
  const [who, setWho] = useState<SignedIn | null>(null);
  const session = useMemo(() => ({ client, who, setWho }), [client, who]);
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("a page outside the SessionProvider");
  return session;
}

export const useClient = (): Client => useSession().client;
