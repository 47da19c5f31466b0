import { useRef } from "preact/hooks";
import { Problem } from "../../api/problem";
import type { Journey } from "../../journey";
import { useSession, type SignedIn } from "../../session";
import { proveFirst, type Facts, type Place } from "./steps";

/** `proof` is the newest proof that a method was used on this page; the service says when it needs one. */
export type AsMe = <T>(call: (token: string, proof: string | undefined) => Promise<T>, typed?: string) => Promise<T>;

/**
 * Calls the service as the person. When the session is too old (or gone), or when a method must be used first, the call
 * waits for that and then goes on: nobody has to type a number twice because ten minutes have passed. Where the page was
 * loaded anew meanwhile, the call is gone, and the step that made it makes it again (`goOn`).
 */
export function useAsMe({ place, now, go, replace, know }: Journey<Facts, Place>) {
  const { who, setWho, expire } = useSession();
  const waiting = useRef<(() => void) | null>(null);
  const newest = useRef(who);
  newest.current = who;

  const asMe: AsMe = async (call, typed = "") => {
    if (newest.current === null) throw new Problem("sign_in_again");
    try {
      return await call(newest.current.token, now().proof || undefined);
    } catch (error) {
      const ended = error instanceof Problem && error.status === 401 && newest.current.activation !== undefined;
      if (ended) expire(); // no password opens an activation again
      if (ended || !(error instanceof Problem) || (error.status !== 401 && error.code !== "proof_required")) throw error;
      return new Promise((resolve, reject) => {
        waiting.current = () => asMe(call, typed).then(resolve, reject);
        if (error.code === "proof_required") go({ at: "prove" }, { ...now(), typed, proving: proveFirst(error.methods, place) });
        else go({ at: "signIn" }, { ...now(), typed, signingIn: place });
      });
    }
  };
  const goOn = (then: Place) => {
    const call = waiting.current;
    waiting.current = null;
    if (call) call();
    else replace(then, { ...now(), goOn: true });
  };
  const proved = (proof: string) => {
    const { proving } = now();
    know({ ...now(), proof, proving: null });
    if (proving) goOn(proving.then);
  };
  const signedInAgain = (fresh: SignedIn) => {
    const { signingIn } = now();
    newest.current = fresh;
    setWho(fresh);
    know({ ...now(), signingIn: null }, (fresh.until - Date.now()) / 1000);
    if (signingIn) goOn(signingIn);
  };

  return { asMe, proved, signedInAgain };
}
