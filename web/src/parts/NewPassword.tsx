import { useWords } from "../i18n";
import { ruleText } from "../i18n/explain";
import { usePasswordRules, type Rules } from "../hooks/usePasswordRules";
import { PasswordField } from "./PasswordField";

interface NewPasswordProps {
  id: string;
  value: string;
  onValue: (value: string) => void;
  error?: string | undefined;
}

/** The field and, beside it, the rules as the service judges them while one types. */
export function NewPassword({ id, value, onValue, error }: NewPasswordProps) {
  const { t } = useWords();
  const rules = usePasswordRules(value);
  return (
    <>
      <PasswordField
        id={id}
        label={t.field.newPassword}
        value={value}
        onValue={onValue}
        error={error}
        autocomplete="new-password"
        describedBy={`${id}-rules`}
      />
      <div class="rules" id={`${id}-rules`}>
        <h2>{t.rules.title}</h2>
        <RuleList rules={rules} />
        <p class="rules-status" role="status">
          {status(t.rules, rules)}
        </p>
      </div>
    </>
  );
}

function RuleList({ rules }: { rules: Rules }) {
  const { t } = useWords();
  if (rules.state !== "checked") return null;
  return (
    <ul>
      {rules.rules.map(({ rule, passed, limit }) => (
        <li key={rule} class={passed ? "rule-met" : "rule-open"}>
          <span class="unseen">{passed ? t.rules.passed : t.rules.failed} </span>
          {ruleText(t, rule, limit)}
        </li>
      ))}
    </ul>
  );
}

function status(words: { waiting: string; unchecked: string; good: string }, rules: Rules): string {
  if (rules.state === "checked") return rules.accepted ? words.good : "";
  return rules.state === "waiting" ? words.waiting : words.unchecked;
}
