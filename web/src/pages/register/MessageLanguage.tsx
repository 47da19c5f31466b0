import type { Me } from "../../api/client";
import { explain } from "../../i18n/explain";
import { languages, offered, useWords, type Language } from "../../i18n";
import { useTask } from "../../hooks/useTask";
import { ErrorSummary } from "../../parts/Form";
import { useStage } from "../../parts/Frame";

interface MessageLanguageProps {
  me: Me;
  onChoose: (language: Language | null) => Promise<void>;
}

/** The language of emails and text messages: that of the page on which each was caused, or always the same one. */
export function MessageLanguage({ me, onChoose }: MessageLanguageProps) {
  const { t } = useWords();
  const { announce } = useStage();
  const task = useTask();
  const choose = (chosen: string) =>
    void task.run(async () => {
      await onChoose(offered.find((one) => one === chosen) ?? null);
      announce(t.messageLanguage.saved);
    });
  return (
    <div class="field">
      {task.problem && <ErrorSummary mistake={explain(t, task.problem)} />}
      <label for="message-language">{t.messageLanguage.label}</label>
      <div class="field-box">
        <select id="message-language" value={me.language ?? ""} disabled={task.busy || me.frozen} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{t.messageLanguage.asPage}</option>
          {offered.map((one) => (
            <option key={one} value={one} lang={one}>
              {languages[one].name}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
