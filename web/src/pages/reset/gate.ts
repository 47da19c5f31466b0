/** What the steps of a reset hand to each other. */
import type { MethodName } from "../../i18n/explain";

/** One gate in progress. `token` is always the newest one the service gave: an older one no longer counts. */
export interface Gate {
  number: number;
  token: string;
  methods: MethodName[];
  hints: Partial<Record<string, string>>;
}

/** The code that was asked for last, in this gate. */
export interface Asked {
  method: MethodName;
  readyAt: number;
}
