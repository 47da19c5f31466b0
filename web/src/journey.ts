/**
 * The steps of a journey. Each is one entry of the browser's history, so that Back is one step. What they know lies in the
 * tab's storage until it expires or the journey ends, so that a reload leads to the same step. An entry of the history says
 * where it was, and never what was known: the newest token is used from every step.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { forget, load, save } from "./tabStorage";

interface Kept<Facts, Place> {
  /** Tells the entries of this journey from those of an earlier one. */
  id: string;
  place: Place;
  facts: Facts;
  /** In milliseconds of the clock. 0 while nothing has to be kept. */
  until: number;
}

interface Entry<Place> {
  journey: string;
  place: Place;
  /** The journey ended here, and nothing is kept. */
  last?: boolean;
}

export interface Journey<Facts, Place> {
  place: Place;
  facts: Facts;
  /** The facts as they are now, for what goes on after an answer of the service. */
  now: () => Facts;
  /** Whether a reload leads back here: not before something is known that lives for a time. */
  isKept: boolean;
  /** The time was over before the end. */
  timeUp: boolean;
  /** The next step. `seconds`: how long what is known now lives. */
  go: (place: Place, facts?: Facts, seconds?: number) => void;
  /** The same, in the place of this step: Back does not lead to it. */
  replace: (place: Place, facts?: Facts, seconds?: number) => void;
  /** Keeps the step and what is known from now on. */
  know: (facts: Facts, seconds?: number) => void;
  /** Forgets everything. `place` is the last step; without it the journey starts again. */
  end: (place?: Place) => void;
}

const fresh = (): string => crypto.getRandomValues(new Uint32Array(2)).join("-");

export function useJourney<Facts, Place>(name: string, start: Place, nothing: Facts): Journey<Facts, Place> {
  const [first] = useState(() => begin(name, start, nothing));
  const [kept, setKept] = useState(first.kept);
  const [timeUp, setTimeUp] = useState(first.timeUp);
  const newest = useRef(kept);
  const [path] = useState(location.pathname);

  const put = (next: Kept<Facts, Place>) => {
    newest.current = next;
    if (next.until > 0) save(name, next);
    else forget(name);
    setKept(next);
  };
  const stamp = ({ id, place }: Kept<Facts, Place>, last = false): Entry<Place> => ({ journey: id, place, ...(last && { last }) });
  const moved = (place: Place, facts = newest.current.facts, seconds?: number): Kept<Facts, Place> => {
    setTimeUp(false);
    return { id: newest.current.id, place, facts, until: seconds === undefined ? newest.current.until : Date.now() + seconds * 1000 };
  };
  const startAgain = (expired: boolean) => {
    const next = { id: fresh(), place: start, facts: nothing, until: 0 };
    put(next);
    history.replaceState(stamp(next), "");
    setTimeUp(expired);
  };

  useEffect(() => {
    history.replaceState(stamp(newest.current, first.last), "");
    const back = () => {
      if (location.pathname !== path) return; // the router shows another page
      const entry = history.state as Entry<Place> | null;
      // A link within the page makes an entry without a state: the step stays.
      if (entry === null) return history.replaceState(stamp(newest.current), "");
      put({ ...newest.current, place: entry.journey === newest.current.id || entry.last ? entry.place : start });
    };
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);

  useEffect(() => {
    if (kept.until === 0) return;
    const timer = setTimeout(() => startAgain(true), Math.max(0, kept.until - Date.now()));
    return () => clearTimeout(timer);
  }, [kept.until]);

  return {
    place: kept.place,
    facts: kept.facts,
    now: () => newest.current.facts,
    isKept: kept.until > 0,
    timeUp,
    go: (place, facts, seconds) => {
      const next = moved(place, facts, seconds);
      history.pushState(stamp(next), "");
      put(next);
    },
    replace: (place, facts, seconds) => {
      const next = moved(place, facts, seconds);
      history.replaceState(stamp(next), "");
      put(next);
    },
    know: (facts, seconds) => put(moved(newest.current.place, facts, seconds)),
    end: (place) => {
      if (place === undefined) return startAgain(false);
      const next = { ...moved(place, nothing), until: 0 };
      history.pushState(stamp(next, true), "");
      put(next);
    },
  };
}

function begin<Facts, Place>(name: string, start: Place, nothing: Facts) {
  const kept = load<Kept<Facts, Place>>(name);
  const entry = history.state as Entry<Place> | null;
  if (kept !== undefined && kept.until > Date.now()) {
    const place = entry?.journey === kept.id ? entry.place : kept.place;
    return { kept: { ...kept, place }, timeUp: false, last: false };
  }
  forget(name);
  const last = entry?.last === true;
  return { kept: { id: fresh(), place: last ? entry.place : start, facts: nothing, until: 0 }, timeUp: kept !== undefined, last };
}
