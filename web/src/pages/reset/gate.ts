/** What the steps of a reset hand to each other. */
import type { MethodPart } from "../../methods/part";

/** One gate in progress. `token` is always the newest one the service gave: an older one no longer counts. */
export interface Gate {
  number: number;
  token: string;
  methods: MethodPart[];
  hints: Partial<Record<string, string>>;
}

/** The method that was asked for last, in this gate. */
export interface Asked {
  part: MethodPart;
  /** When it may be asked for again, in milliseconds of the clock. */
  readyAt: number;
  /** What the service gave for the answer, for methods that need more than a question. */
  challenge: unknown;
}
