/** The journey of a forgotten password: who, one or two proofs, a new password, done. */
import { useState } from "preact/hooks";
import type { Verified } from "../../api/client";
import type { Opening } from "../../parts/Door";
import { useJourney } from "../../journey";
import { partOf, partsOf } from "../../methods";
import { Passed } from "../../parts/Passed";
import type { Progress } from "../../parts/Step";
import { ChooseMethod } from "./ChooseMethod";
import { Done, type Pass } from "./Done";
import { front, gateAt, isPassed, NOTHING, withAsked, withGate, withToken, type Facts, type Gate, type Place } from "./gate";
import { GiveAnswer } from "./GiveAnswer";
import { Identify } from "./Identify";
import { NoTriesLeft } from "./NoTriesLeft";
import { SetPassword } from "./SetPassword";
import { Stopped } from "./Stopped";

/** What stands above the heading of each step. */
export interface Header {
  progress: Progress;
  name: string;
  onChangeName: () => void;
}

/** A name that was typed is kept as long as what would follow from it. */
const NAME_SECONDS = 900;

export function Reset() {
  const journey = useJourney<Facts, Place>("reset", { at: "identify" }, NOTHING);
  const { facts, now, go, replace, know } = journey;
  // Not cleared by a new start: only what lies in the storage is.
  const [name, setName] = useState(facts.name);
  // Only here, and not in the storage of the tab: it is as good as a password.
  const [pass, setPass] = useState<Pass>();
  const place = reachable(journey.place, facts);
  const steps = Math.max(facts.needed, facts.gates.length) + 2;
  const header = (step: number): Header => ({ progress: { step, of: steps }, name: facts.name, onChangeName: () => go({ at: "identify" }) });
  const restart = () => journey.end();

  const enter = (gates: Facts["gates"], { seconds, ...next }: Omit<Gate, "asked"> & { seconds: number }, more: Partial<Facts> = {}) =>
    go({ at: "choose", gate: gates.length }, { ...now(), ...more, gates: [...gates, { ...next, asked: {} }] }, seconds);
  const passed = (next: Verified) =>
    next.granted === undefined ? enter(now().gates, next) : go({ at: "password" }, { ...now(), granted: next.granted, unlock: next.unlock, pass: next.pass }, next.seconds);

  switch (place.at) {
    case "identify":
      return (
        <Identify
          identifier={name}
          onIdentifier={setName}
          timeUp={journey.timeUp}
          onSubmit={() => facts.gates.length === 0 && know({ ...NOTHING, name: name.trim() }, NAME_SECONDS)}
          onSame={facts.gates.length > 0 && facts.name === name.trim() ? () => go(front(facts)) : undefined}
          onStarted={({ verification_token: token, methods, channels, gates, expires_in: seconds }) =>
            enter([], { token, methods, hints: {}, lacks: [], seconds }, { name: name.trim(), needed: gates, channels, granted: "" })
          }
        />
      );
    case "choose": {
      const { gate: number } = place;
      const gate = gateAt(facts, number);
      if (gate === undefined || isPassed(facts, number)) return <Passed {...header(number + 2)} onContinue={() => go(front(facts))} />;
      return (
        <ChooseMethod
          key={number}
          gate={gate}
          channels={facts.channels}
          words={number === 0 ? "first" : number === 1 ? "second" : "more"}
          header={header(number + 2)}
          opening={opening(number)}
          onAsked={(method, asked, seconds) => go({ at: "answer", gate: number, method }, withAsked(now(), number, method, asked), seconds)}
          onAgain={(method) => go({ at: "answer", gate: number, method })}
          onRestart={restart}
        />
      );
    }
    case "answer": {
      const { gate: number, method } = place;
      const asked = gateAt(facts, number)?.asked[method];
      const part = partOf(method);
      if (isPassed(facts, number)) return <Passed {...header(number + 2)} onContinue={() => go(front(facts))} />;
      if (asked === undefined || part === undefined) return <></>;
      return (
        <GiveAnswer
          key={`${number} ${method}`}
          part={part}
          asked={asked}
          askWith={gateAt(facts, number)?.token ?? asked.token}
          first={number === 0}
          header={header(number + 2)}
          opening={opening(number)}
          onToken={(token) => know(withToken(now(), number, method, token))}
          onRenewed={(again, seconds) => know(withAsked(now(), number, method, again), seconds)}
          onPassed={passed}
          onSpent={(token) => {
            const after = withToken(now(), number, method, token);
            const left = gateAt(after, number)?.methods.filter((one) => one !== method) ?? [];
            replace({ at: "spent", gate: number }, withGate(after, number, { methods: left }));
          }}
          onAnother={() => go({ at: "choose", gate: number })}
          onRestart={restart}
        />
      );
    }
    case "spent": {
      const { gate: number } = place;
      if (isPassed(facts, number)) return <Passed {...header(number + 2)} onContinue={() => go(front(facts))} />;
      const others = partsOf(gateAt(facts, number)?.methods ?? []).length > 0;
      const another = others ? () => go({ at: "choose", gate: number }) : undefined;
      return <NoTriesLeft header={header(number + 2)} opening={opening(number)} onAnother={another} onRestart={restart} />;
    }
    case "password":
      return (
        <SetPassword
          token={facts.granted}
          canUnlock={facts.unlock}
          canHavePass={facts.pass}
          identifier={facts.name}
          header={header(steps)}
          onToken={(granted) => know({ ...now(), granted })}
          onDone={(ending, given) => {
            setPass(given);
            journey.end({ at: "done", ending });
          }}
          onStopped={(code) => journey.end({ at: "stopped", code })}
          onRestart={restart}
        />
      );
    case "stopped":
      return <Stopped code={place.code} onRestart={restart} />;
    case "done":
      return <Done ending={place.ending} pass={pass} onRestart={restart} />;
  }
}

/** A step of a journey that is over, or that what is known does not reach, is the first one. */
function reachable(place: Place, facts: Facts): Place {
  const missing =
    ("gate" in place && gateAt(facts, place.gate) === undefined) ||
    (place.at === "answer" && !isPassed(facts, place.gate) && gateAt(facts, place.gate)?.asked[place.method] === undefined) ||
    (place.at === "password" && facts.granted === "");
  if (!missing) return place;
  return facts.gates.length > 0 ? front(facts) : { at: "identify" };
}

/** How far the door stands open while one is at this gate. */
const opening = (gate: number): Opening => (gate === 0 ? 1 : 2);
