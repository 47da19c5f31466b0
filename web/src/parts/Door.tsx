/** The mark, which is also the progress: a door that stands a little further open after each proof. Decoration only; headings say the same. */
export type Opening = 0 | 1 | 2 | 3 | 4;

export function Door({ opening, class: name }: { opening: Opening; class?: string }) {
  return (
    <svg class={`door ${name ?? ""}`} data-opening={opening} viewBox="0 0 120 150" aria-hidden="true" focusable="false">
      <path class="door-light" d="M18 142V60a42 42 0 0 1 84 0v82Z" />
      <g class="door-seeds">
        <path d="M60 58c7 9 9 17 0 24c-9-7-7-15 0-24Z" />
        <path d="M46 88c3 10 2 17-8 20c-5-9-1-15 8-20Z" />
        <path d="M74 88c-3 10-2 17 8 20c5-9 1-15-8-20Z" />
      </g>
      <g class="door-leaf">
        <path class="door-wood" d="M18 142V60a42 42 0 0 1 84 0v82Z" />
        <path class="door-panel" d="M28 132V60a32 32 0 0 1 64 0v72Z" />
        <path class="door-knob" d="M80 84c4 6 5 11 0 15c-5-4-4-9 0-15Z" />
      </g>
      <path class="door-frame" d="M12 142V60a48 48 0 0 1 96 0v82" />
      <path class="door-step" d="M4 146h112" />
    </svg>
  );
}
