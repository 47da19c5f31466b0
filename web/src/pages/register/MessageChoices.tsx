import type { Me } from "../../api/client";
import { explain } from "../../i18n/explain";
import { languages, offered, useWords, type Language } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { ErrorSummary } from "../../parts/Form";
import { useStage } from "../../parts/Frame";

interface MessageChoicesProps {
  me: Me;
  onLanguage: (language: Language | null) => Promise<void>;
  onTimeZone: (zone: string | null) => Promise<void>;
}

/** How messages are written: in the language of the page on which each was caused, or always the same one; and whose times. */
export function MessageChoices({ me, onLanguage, onTimeZone }: MessageChoicesProps) {
  const { t } = useWords();
  return (
    <>
      <Choice
        id="message-language"
        label={t.messageLanguage.label}
        usual={t.messageLanguage.asPage}
        value={me.language ?? ""}
        frozen={me.frozen}
        options={offered.map((one) => ({ value: one, name: languages[one].name, lang: one }))}
        onChoose={(chosen) => onLanguage(offered.find((one) => one === chosen) ?? null)}
      />
      <Choice
        id="message-time-zone"
        label={t.timeZone.label}
        usual={t.timeZone.organisation}
        value={me.time_zone ?? ""}
        frozen={me.frozen}
        options={zones(me.time_zone).map((zone) => ({ value: zone, name: zone.replaceAll("_", " "), lang: undefined }))}
        onChoose={(chosen) => onTimeZone(chosen || null)}
      />
    </>
  );
}

/** The zone of this device first: it is the one that most people look for, and the only one that older browsers know. */
function zones(chosen: string | null): string[] {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set([here, ...(chosen ? [chosen] : []), ...("supportedValuesOf" in Intl ? Intl.supportedValuesOf("timeZone") : [])])];
}

interface ChoiceProps {
  id: string;
  label: string;
  usual: string;
  value: string;
  frozen: boolean;
  options: { value: string; name: string; lang: string | undefined }[];
  onChoose: (chosen: string) => Promise<void>;
}

function Choice({ id, label, usual, value, frozen, options, onChoose }: ChoiceProps) {
  const { t } = useWords();
  const { announce } = useStage();
  const task = useTask();
  const choose = (chosen: string) =>
    void task.run(async () => {
      await onChoose(chosen);
      announce(t.messageLanguage.saved);
    });
  return (
    <div class="field">
      {task.problem && <ErrorSummary mistake={explain(t, task.problem)} />}
      <label for={id}>{label}</label>
      <div class="field-box">
        <select id={id} value={value} disabled={task.busy || frozen} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{usual}</option>
          {options.map((one) => (
            <option key={one.value} value={one.value} lang={one.lang}>
              {one.name}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
