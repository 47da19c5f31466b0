/**
 * The application that sent the person here to register, and to which the last page leads back. Its address is in the
 * fragment of ours, where anybody may have written it: it is used only as the service gives it back (its list decides).
 */
import { useEffect, useState } from "preact/hooks";
import type { Client } from "./api/client";
import type { SignedIn } from "./session";
import { load, save } from "./tabStorage";

export interface Onward {
  address: string;
  name: string;
  /** Whether the application lets nobody in before the registration is done. */
  required: boolean;
}

const KEY = "returnTo";
const PREFIX = "#return_to=";

/** Keeps what the address asks for, until somebody has signed in whom the service may answer. */
export function takeReturnAddress(): void {
  if (!location.hash.startsWith(PREFIX)) return;
  save(KEY, { wanted: new URLSearchParams(location.hash.slice(1)).get("return_to") ?? "" });
  history.replaceState(history.state, "", location.pathname);
}

interface Kept {
  wanted?: string;
  onward?: Onward;
}

/** Where to go on, once the service has allowed it. */
export function useOnward(client: Client, who: SignedIn | null): Onward | null {
  const [onward, setOnward] = useState(load<Kept>(KEY)?.onward ?? null);
  useEffect(() => {
    const wanted = load<Kept>(KEY)?.wanted;
    if (who === null || !wanted) return;
    client.askStatus(who.token, wanted).then(
      ({ return_to: address, return_name: name, required }) => {
        const allowed = address && name ? { address, name, required } : null;
        save(KEY, allowed ? { onward: allowed } : {});
        setOnward(allowed);
      },
      () => undefined, // refused, or asked again at the next visit of this page
    );
  }, [who?.token]);
  return onward;
}
