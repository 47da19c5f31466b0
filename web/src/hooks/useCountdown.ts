import { useEffect, useState } from "preact/hooks";

/** Whole seconds left until `readyAt` (milliseconds of the clock). Reads the clock each time: a sleeping phone must not stretch the wait. */
export function useCountdown(readyAt: number): number {
  const left = () => Math.max(0, Math.ceil((readyAt - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => setSeconds(left()), 500);
    return () => clearInterval(timer);
  }, [readyAt]);
  return seconds;
}
