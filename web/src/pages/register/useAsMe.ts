import { useState } from "preact/hooks";
import { Problem } from "../../api/problem";
import { useSession, type SignedIn } from "../../session";

export type AsMe = <T>(call: (token: string) => Promise<T>) => Promise<T>;

interface Paused {
  resume: (who: SignedIn) => void;
  giveUp: () => void;
}

/**
 * Calls the service as the person. When the session is too old (or gone), the call waits for a new sign-in and then goes on:
 * nobody has to type a number twice because ten minutes have passed.
 */
export function useAsMe() {
  const { who, setWho } = useSession();
  const [paused, setPaused] = useState<Paused | null>(null);

  const asMe: AsMe = async (call) => {
    if (who === null) throw new Problem("sign_in_again");
    try {
      return await call(who.token);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return new Promise((resolve, reject) => {
        setPaused({
          resume: (fresh) => {
            setWho(fresh);
            setPaused(null);
            call(fresh.token).then(resolve, reject);
          },
          giveUp: () => {
            setPaused(null);
            reject(error);
          },
        });
      });
    }
  };

  return { asMe, paused };
}
