import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../api/problem";
import type { Task } from "../hooks/useTask";
import type { BotCheckChallenge } from "./challenge";

type BotCheckStep = typeof import("./BotCheck").BotCheck;

interface Checked {
  /** Sends the request. */
  send: () => void;
  /** Asks for a check, solves it, and sends the request with its solution. */
  sendChecked: () => void;
  /** Whether the request or the check is under way. */
  busy: boolean;
  /** Whether the page offers the check by itself: the account may be closed to unknown networks, which no answer tells. */
  offered: boolean;
  /** The check, while it is shown in the place of the form. */
  screen: JSX.Element | null;
}

/** For a request that may be answered with a bot check: shows the check, and sends the request again with its solution. */
export function useBotCheck(task: Task, request: (solved: { bot_check?: string }) => Promise<void>): Checked {
  const [check, setCheck] = useState<BotCheckChallenge | null>(null);
  const [BotCheck, setBotCheck] = useState<BotCheckStep | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    // Loaded when it is first asked for: nearly nobody meets it.
    if (check !== null && BotCheck === null) void import("./BotCheck").then((loaded) => setBotCheck(() => loaded.BotCheck));
  }, [check]);

  const send = (solution?: string, wanted?: string) =>
    void task.run(async () => {
      try {
        const text = solution ?? wanted;
        setTries((count) => count + 1);
        await request(text ? { bot_check: text } : {});
        setCheck(null);
      } catch (error) {
        // Once for each press: a check that is asked for again at once would never end.
        if (!(error instanceof Problem && error.botCheck) || solution) {
          setCheck(null);
          throw error;
        }
        setCheck(error.botCheck);
      }
    });
  const screen = check && BotCheck ? <BotCheck challenge={check} onSolved={(solution) => send(solution)} onCancel={() => setCheck(null)} /> : null;
  return {
    send: () => send(),
    sendChecked: () => send(undefined, "wanted"),
    busy: task.busy || check !== null,
    offered: tries > 1 && task.problem?.code === "not_accepted",
    screen,
  };
}
