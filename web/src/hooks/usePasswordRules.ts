import { useEffect, useState } from "preact/hooks";
import type { PasswordChecked } from "../api/client";
import { useClient } from "../session";

export type Rules = { state: "waiting" } | { state: "unchecked" } | ({ state: "checked" } & PasswordChecked);

/** Long enough that a word typed at normal speed is one question to the service, short enough to feel live. */
const PAUSE_MS = 350;

/** Asks the service at once, and again after each pause. The rules live there alone: a copy here would be wrong on the first change of policy. */
export function usePasswordRules(candidate: string): Rules {
  const client = useClient();
  const [rules, setRules] = useState<Rules>({ state: "waiting" });
  useEffect(() => {
    const newer = new AbortController();
    const timer = setTimeout(() => {
      client
        .checkPassword({ new_password: candidate }, newer.signal)
        .then((checked) => setRules({ state: "checked", ...checked }))
        .catch(() => {
          if (!newer.signal.aborted) setRules({ state: "unchecked" });
        });
    }, candidate === "" ? 0 : PAUSE_MS); // the rules stand there before the first key is pressed
    return () => {
      clearTimeout(timer);
      newer.abort();
    };
  }, [candidate, client]);
  return rules;
}
