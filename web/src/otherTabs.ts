/** Of several windows only the one that asked for the newest code can take it, and each must say so. */
import { useEffect, useState } from "preact/hooks";

const channel = new BroadcastChannel("sesame");

export const tellCodeAsked = (): void => channel.postMessage("code asked");

/** Whether another window asked for a code while this form was shown. `code` is what this window asked for last. */
export function useCodeAskedElsewhere(code: number): boolean {
  const [elsewhere, setElsewhere] = useState(false);
  useEffect(() => {
    setElsewhere(false);
    const heard = () => setElsewhere(true);
    channel.addEventListener("message", heard);
    return () => channel.removeEventListener("message", heard);
  }, [code]);
  return elsewhere;
}
