import { useRef, useState } from "preact/hooks";
import { Problem } from "../../api/problem";
import { useSession, type SignedIn } from "../../session";

/** `proof` is the newest proof that a method was used on this page; the service says when it needs one. */
export type AsMe = <T>(call: (token: string, proof: string | undefined) => Promise<T>) => Promise<T>;

type Paused =
  | { until: "signed in"; resume: (who: SignedIn) => void; giveUp: () => void }
  | { until: "proved"; methods: readonly string[]; token: string; resume: (proof: string) => void; giveUp: () => void };

/**
 * Calls the service as the person. When the session is too old (or gone), or when a method must be used first, the call
 * waits for that and then goes on: nobody has to type a number twice because ten minutes have passed.
 */
export function useAsMe() {
  const { who, setWho } = useSession();
  const [paused, setPaused] = useState<Paused | null>(null);
  const proof = useRef<string | undefined>(undefined);
  const newest = useRef(who);
  newest.current = who;

  const asMe: AsMe = async (call) => {
    if (newest.current === null) throw new Problem("sign_in_again");
    const { token } = newest.current;
    try {
      return await call(token, proof.current);
    } catch (error) {
      if (!(error instanceof Problem) || (error.status !== 401 && error.code !== "proof_required")) throw error;
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          setPaused(null);
          reject(error);
        };
        const again = () => {
          setPaused(null);
          asMe(call).then(resolve, reject);
        };
        if (error.code === "proof_required") {
          const resume = (fresh: string) => {
            proof.current = fresh;
            again();
          };
          return setPaused({ until: "proved", methods: error.methods, token, resume, giveUp });
        }
        const resume = (fresh: SignedIn) => {
          newest.current = fresh;
          setWho(fresh);
          again();
        };
        setPaused({ until: "signed in", resume, giveUp });
      });
    }
  };
  const proved = (fresh: string | null) => {
    if (fresh !== null) proof.current = fresh;
  };

  return { asMe, paused, proved };
}
