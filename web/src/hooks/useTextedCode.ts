import { useEffect, useState } from "preact/hooks";

/** What the browser gives of a text message that ends with a line for our page (WebOTP API). */
interface TextedCode extends Credential {
  code?: string;
}

/** Takes the code of each text message that the browser offers and its owner agrees to. Nothing happens where it cannot. */
export function useTextedCode(wanted: boolean, onCode: (code: string) => void) {
  const [taken, setTaken] = useState(0);
  useEffect(() => {
    if (!wanted || !("OTPCredential" in window)) return;
    const leaving = new AbortController();
    const asked = { otp: { transport: ["sms"] }, signal: leaving.signal } as CredentialRequestOptions;
    navigator.credentials.get(asked).then(
      (given: TextedCode | null) => {
        if (given?.code === undefined) return;
        onCode(given.code);
        setTaken(taken + 1);
      },
      () => undefined, // not now, or not on this device: the code is typed
    );
    return () => leaving.abort();
  }, [wanted, taken]);
}
