import { organisation } from "../organisation";
import { Door, type Opening } from "./Door";

/** The logo of the organisation, or else our mark, and its name, in the link to the start page. */
export function Brand({ opening }: { opening: Opening }) {
  return (
    <>
      {organisation.logo === "" ? <Door opening={opening} class="brand-door" /> : <img class="brand-logo" src={organisation.logo} alt="" />}
      <span translate={false}>{organisation.name}</span>
    </>
  );
}
