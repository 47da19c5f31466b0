/** Activation: the name and the code from the letter, then the methods, and the first password where there never was one (rule 27). */
import { useState } from "preact/hooks";
import { useSession } from "../../session";
import { forget } from "../../tabStorage";
import { Register } from "../register/Register";
import { EnterCode } from "./EnterCode";

export function Activate() {
  const { who, setWho, expired } = useSession();
  // It stays true at the end, when nobody is signed in any more and the last step is shown.
  const [begun, setBegun] = useState(who?.activation !== undefined);
  if (begun && !expired) return <Register />;
  return (
    <EnterCode
      timeUp={begun && expired}
      onOpened={(opened) => {
        forget("register"); // what somebody else began in this tab
        setWho(opened);
        setBegun(true);
      }}
    />
  );
}
