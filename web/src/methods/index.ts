/** Finds the methods that this page can perform: each other file of this folder, by its default export. */
import type { MethodPart } from "./part";

const found = import.meta.glob<MethodPart>(["./*.ts", "./*.tsx", "!./index.ts", "!./part.ts", "!./ways.ts"], { eager: true, import: "default" });

const parts: ReadonlyMap<string, MethodPart> = new Map(Object.values(found).map((part) => [part.name, part]));

/** `undefined` for a method that this version of the page cannot perform: it is left out rather than shown broken. */
export const partOf = (name: string): MethodPart | undefined => parts.get(name);

/** The known ones, in the order of the service. */
export const partsOf = (names: readonly string[]): MethodPart[] => names.map(partOf).filter((part) => part !== undefined);

export const allParts = (): MethodPart[] => [...parts.values()];
