/** The journey of a forgotten password: who, one or two proofs, a new password, done. Everything it holds is gone with the page. */
import { useState } from "preact/hooks";
import type { Verified } from "../../api/client";
import type { Opening } from "../../parts/Door";
import { isMethodName } from "../../i18n/explain";
import { ChooseMethod } from "./ChooseMethod";
import { Done } from "./Done";
import { EnterCode } from "./EnterCode";
import type { Asked, Gate } from "./gate";
import { Identify } from "./Identify";
import { SetPassword } from "./SetPassword";

type State =
  | { at: "identify" }
  | { at: "choose"; gate: Gate; asked?: Asked }
  | ({ at: "code"; gate: Gate } & Asked)
  | { at: "password"; token: string }
  | { at: "done" };

export function Reset() {
  const [state, setState] = useState<State>({ at: "identify" });
  const [identifier, setIdentifier] = useState("");
  const restart = () => setState({ at: "identify" });

  const enter = (number: number, token: string, methods: readonly string[], hints: Gate["hints"] = {}) =>
    setState({ at: "choose", gate: { number, token, methods: methods.filter(isMethodName), hints } });
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
          onChallenged={(gate, asked) => setState({ at: "code", gate, ...asked })}
          onRestart={restart}
        />
      );
    case "code":
      return (
        <EnterCode
          key={`${state.gate.number} ${state.method}`}
          {...state}
          opening={opening(state.gate.number)}
          onRenewed={(token, readyAt) => setState({ ...state, gate: { ...state.gate, token }, readyAt })}
          onPassed={(next) => passed(state.gate, next)}
          onAnother={() => setState({ at: "choose", gate: state.gate, asked: { method: state.method, readyAt: state.readyAt } })}
          onRestart={restart}
        />
      );
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
