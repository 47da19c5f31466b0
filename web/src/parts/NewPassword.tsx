import { useWords } from "../i18n";
import { ruleText } from "../i18n/explain";
import { usePasswordRules, type Rules } from "../hooks/usePasswordRules";
import { PasswordField } from "./PasswordField";

interface NewPasswordProps {
  id: string;
  value: string;
  onValue: (value: string) => void;
  error?: string | undefined;
  /** The proof: with it the service also knows the names that a password must not contain. */
  token?: string;
}

/** The field and, beside it, the rules as the service judges them while one types. */
export function NewPassword({ id, value, onValue, error, token }: NewPasswordProps) {
  const { t } = useWords();
  const rules = usePasswordRules(value, token);
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
        passwordRules={forManagers(rules)}
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

/** The lengths of the policy, as soon as the service has told them: a generated password is then accepted at once. */
function forManagers({ list = [] }: Rules): string | undefined {
  const limit = (rule: string) => list.find((one) => one.rule === rule)?.limit;
  const [least, most] = [limit("length"), limit("too_long")];
  return least && most ? `minlength: ${least}; maxlength: ${most};` : undefined;
}

const kinds = { met: "passed", open: "failed", unknown: "unknown" } as const;

/** Nothing typed, or not judged yet: then no rule is said to be met or broken. */
function RuleList({ rules }: { rules: Rules }) {
  const { t } = useWords();
  if (rules.list === undefined) return null;
  return (
    <ul>
      {rules.list.map(({ rule, passed, limit }) => {
        const kind = rules.state !== "checked" || passed === null ? "unknown" : passed ? "met" : "open";
        return (
          <li key={rule} class={`rule-${kind}`}>
            <span class="unseen">{t.rules[kinds[kind]]} </span>
            {ruleText(t, rule, limit)}
            {kind === "unknown" && rules.state === "checked" && <span> {t.rules.later}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function status(words: { waiting: string; unchecked: string; good: string }, rules: Rules): string {
  if (rules.state === "checked") return rules.current && rules.list.every(({ passed }) => passed === true) ? words.good : "";
  return rules.state === "waiting" ? words.waiting : words.unchecked;
}
