// Not "lean-qr/nano": it marks every text as UTF-8 (ECI), which some cameras refuse.
import { generate } from "lean-qr";
import { useMemo } from "preact/hooks";

/** Cameras need a border of four modules of the ground colour (ISO/IEC 18004). */
const QUIET = 4;

/** One path for all dark modules, a rectangle for each run in a row. A screen has no stains, so the lowest correction gives the largest modules. */
export function qrPath(text: string): { size: number; path: string } {
  const modules = generate(text);
  const { size } = modules;
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const start = x;
      while (x < size && modules.get(x, y)) x++;
      if (x > start) path += `M${start} ${y}h${x - start}v1h${start - x}z`;
    }
  }
  return { size, path };
}

/** Black on white in every colour scheme, because many cameras do not read it the other way round. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => qrPath(text), [text]);
  const side = size + 2 * QUIET;
  return (
    <svg class="qr" viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect x={-QUIET} y={-QUIET} width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
