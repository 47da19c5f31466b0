import { useRef, useState } from "preact/hooks";
import { Problem } from "../api/problem";

/** One request at a time: a second press while the first is under way is ignored, so a code is never asked for twice by accident. */
export function useTask() {
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function run(action: () => Promise<void>): Promise<void> {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await action();
    } catch (error) {
      // A fault of our own must not look like silence: it reads as "went wrong on our side".
      const problem = error instanceof Problem ? error : new Problem("internal");
      // The frame says that one, on every page.
      if (problem.code !== "not_loaded") setProblem(problem);
    } finally {
      running.current = false;
      setBusy(false);
    }
  }

  return { busy, problem, setProblem, run };
}

export type Task = ReturnType<typeof useTask>;
