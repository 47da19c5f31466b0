/** The journey of a forgotten password: who, one or two proofs, a new password, done. Everything it holds is gone with the page. */
import { useState } from "preact/hooks";
import type { Verified } from "../../api/client";
import type { Opening } from "../../parts/Door";
import { partsOf } from "../../methods";
import { ChooseMethod } from "./ChooseMethod";
import { Done } from "./Done";
import type { Asked, Gate } from "./gate";
import { GiveAnswer } from "./GiveAnswer";
import { Identify } from "./Identify";
import { NoTriesLeft } from "./NoTriesLeft";
import { SetPassword } from "./SetPassword";

type State =
  | { at: "identify" }
  | { at: "choose"; gate: Gate; asked?: Asked }
  | { at: "answer"; gate: Gate; asked: Asked }
  | { at: "spent"; gate: Gate }
  | { at: "password"; token: string }
  | { at: "done" };

export function Reset() {
  const [state, setState] = useState<State>({ at: "identify" });
  const [identifier, setIdentifier] = useState("");
  const restart = () => setState({ at: "identify" });

  const enter = (number: number, token: string, methods: readonly string[], hints: Gate["hints"] = {}) =>
    setState({ at: "choose", gate: { number, token, methods: partsOf(methods), hints } });
  const passed = (gate: Gate, next: Verified) =>
    next.granted === undefined
      ? enter(gate.number + 1, next.token, next.methods, next.hints)
      : setState({ at: "password", token: next.granted });

  switch (state.at) {
    case "identify":
      return (
        <Identify
          identifier={identifier}
          onIdentifier={setIdentifier}
          onStarted={({ verification_token, methods }) => enter(1, verification_token, methods)}
        />
      );
    case "choose":
      return (
        <ChooseMethod
          key={state.gate.number}
          gate={state.gate}
          asked={state.asked}
          opening={opening(state.gate.number)}
          onChallenged={(gate, asked) => setState({ at: "answer", gate, asked })}
          onRestart={restart}
        />
      );
    case "answer": {
      const { gate, asked } = state;
      return (
        <GiveAnswer
          key={`${gate.number} ${asked.part.name}`}
          gate={gate}
          asked={asked}
          opening={opening(gate.number)}
          onToken={(token) => setState({ ...state, gate: { ...gate, token } })}
          onRenewed={(token, again) => setState({ at: "answer", gate: { ...gate, token }, asked: again })}
          onPassed={(next) => passed(gate, next)}
          onSpent={(token) => setState({ at: "spent", gate: { ...gate, token, methods: gate.methods.filter((part) => part !== asked.part) } })}
          onAnother={() => setState({ at: "choose", gate, asked })}
          onRestart={restart}
        />
      );
    }
    case "spent": {
      const { gate } = state;
      const another = gate.methods.length > 0 ? () => setState({ at: "choose", gate }) : undefined;
      return <NoTriesLeft opening={opening(gate.number)} onAnother={another} onRestart={restart} />;
    }
    case "password":
      return (
        <SetPassword
          token={state.token}
          identifier={identifier}
          onToken={(token) => setState({ ...state, token })}
          onDone={() => setState({ at: "done" })}
          onRestart={restart}
        />
      );
    case "done":
      return <Done />;
  }
}

/** How far the door stands open while one is at this gate. */
const opening = (gate: number): Opening => (gate === 1 ? 1 : 2);
