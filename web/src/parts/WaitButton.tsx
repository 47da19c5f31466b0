import { useEffect, useRef } from "preact/hooks";
import { useCountdown } from "../hooks/useCountdown";
import { duration, useWords } from "../i18n";
import { useStage } from "./Frame";

interface WaitButtonProps {
  label: string;
  /** Said in its place until then. */
  waiting: (fields: { wait: string }) => string;
  /** Said once when the wait is over. The ticking itself stays silent. */
  over: string;
  /** In milliseconds of the clock. */
  readyAt: number;
  busy: boolean;
  onPress: () => void;
}

/** A button for what may not be done yet: it says how long that takes, and then takes its own place. */
export function WaitButton({ label, waiting, over, readyAt, busy, onPress }: WaitButtonProps) {
  const { language } = useWords();
  const { announce } = useStage();
  const left = useCountdown(readyAt);
  const waited = useRef(false);
  useEffect(() => {
    if (left > 0) waited.current = true;
    else if (waited.current) {
      waited.current = false;
      announce(over);
    }
  }, [left]);
  if (left > 0) return <p class="wait">{waiting({ wait: duration(left, language) })}</p>;
  return (
    <button type="button" class="quiet" aria-disabled={busy} onClick={onPress}>
      {label}
    </button>
  );
}
