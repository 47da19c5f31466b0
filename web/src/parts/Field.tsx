import type { ComponentChildren } from "preact";

export interface FieldProps {
  id: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  value: string;
  onValue: (value: string) => void;
  type?: "text" | "email" | "tel" | "password";
  autocomplete: string;
  inputMode?: "text" | "email" | "tel" | "numeric";
  class?: string;
  readOnly?: boolean;
  /** Ids of further texts that belong to the field, such as a list of rules. */
  describedBy?: string | undefined;
  /** What a password manager must keep to, in the form that Apple defined for `passwordrules`. */
  passwordRules?: string | undefined;
  /** Told of each key, pressed and released. */
  onKey?: (event: KeyboardEvent) => void;
  children?: ComponentChildren;
}

/** A label, a hint and an error, all tied to the input. No length limit and no paste handler: a cut paste is a wrong password. */
export function Field(props: FieldProps) {
  const { id, label, hint, error, value, onValue, type = "text", autocomplete, inputMode, children, readOnly = false } = props;
  const described = [hint && `${id}-hint`, error && `${id}-error`, props.describedBy].filter(Boolean).join(" ");
  return (
    <div class={`field ${error ? "field-wrong" : ""}`}>
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      <div class="field-box">
        <input
          id={id}
          name={id}
          class={props.class}
          // Preact types each kind of input apart because of the ARIA roles it may carry; ours carries none.
          type={type as "text"}
          value={value}
          readOnly={readOnly}
          onInput={(event) => onValue(event.currentTarget.value)}
          // Some programs that fill forms in announce it by this event alone.
          onChange={(event) => onValue(event.currentTarget.value)}
          onKeyDown={props.onKey}
          onKeyUp={props.onKey}
          autocomplete={autocomplete}
          inputMode={inputMode}
          autocapitalize="none"
          autocorrect="off"
          spellcheck={false}
          aria-invalid={error ? "true" : undefined}
          aria-describedby={described || undefined}
          {...(props.passwordRules && { passwordrules: props.passwordRules })}
        />
        {children}
      </div>
    </div>
  );
}
