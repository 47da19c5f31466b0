import { useEffect, useState } from "preact/hooks";
import type { PasswordChecked } from "../api/client";
import { useClient } from "../session";

type List = PasswordChecked["rules"];

/** `waiting`: nothing is judged yet, for want of a password or of an answer. The list of rules may be known already. */
export type Rules =
  | { state: "waiting" | "unchecked"; list?: List | undefined }
  /** `current`: of what stands in the field now. While one types, the last verdict stays for a moment, or all would flicker. */
  | { state: "checked"; list: List; current: boolean };

/** Long enough that a word typed at normal speed is one question to the service, short enough to feel live. */
const PAUSE_MS = 350;

/** Asks the service at once, and again after each pause. The rules live there alone: a copy here would be wrong on the first change of policy. */
export function usePasswordRules(candidate: string, token?: string): Rules {
  const client = useClient();
  const [list, setList] = useState<List>();
  const [judged, setJudged] = useState<{ candidate: string; failed: boolean } | null>(null);
  useEffect(() => {
    const newer = new AbortController();
    const timer = setTimeout(
      () => {
        client
          .checkPassword({ new_password: candidate, ...(token !== undefined && { reset_token: token }) }, newer.signal)
          .then(({ rules }) => {
            setList(rules);
            setJudged({ candidate, failed: false });
          })
          .catch(() => {
            if (!newer.signal.aborted) setJudged({ candidate, failed: true });
          });
      },
      candidate === "" ? 0 : PAUSE_MS, // the rules stand there before the first key is pressed
    );
    return () => {
      clearTimeout(timer);
      newer.abort();
    };
  }, [candidate, client, token]);
  if (judged?.failed && judged.candidate === candidate) return { state: "unchecked", list };
  if (list === undefined || candidate === "" || !judged?.candidate) return { state: "waiting", list };
  return { state: "checked", list, current: judged.candidate === candidate };
}
