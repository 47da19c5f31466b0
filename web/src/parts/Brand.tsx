import { Door, type Opening } from "./Door";

/** The mark and the name, in the link to the start page. */
export function Brand({ opening }: { opening: Opening }) {
  return (
    <>
      <Door opening={opening} class="brand-door" />
      <span translate={false}>Sésame</span>
    </>
  );
}
