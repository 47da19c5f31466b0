/** Questions that the person chose and answered. They are asked behind another method, all on one page. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useWords } from "../i18n";
import { keptSecret, type AnswerProps, type EnrolProps } from "./part";

type Screens = typeof import("../questions/Questions");

/** A screen that is loaded when it is first shown. Where it cannot be loaded, the frame says so. */
function loaded<Props extends object>(pick: (screens: Screens) => ComponentType<Props>) {
  return (props: Props) => {
    const { t } = useWords();
    const [Screen, setScreen] = useState<ComponentType<Props> | null>(null);
    useEffect(() => {
      void import("../questions/Questions").then((screens) => setScreen(() => pick(screens)), () => undefined);
    }, []);
    return Screen === null ? <p role="status">{t.working}</p> : <Screen {...props} />;
  };
}

export default keptSecret("security_questions", {
  Enrol: loaded<EnrolProps>((screens) => screens.Enrol),
  Answer: loaded<AnswerProps>((screens) => screens.Answer),
});
