import { useState } from "preact/hooks";
import { useWords } from "../i18n";
import { Field, type FieldProps } from "./Field";

type PasswordFieldProps = Omit<FieldProps, "type" | "autocomplete" | "inputMode" | "children" | "onKey"> & {
  autocomplete: "current-password" | "new-password";
};

/** One field and a way to look at it, instead of typing the same thing twice blind. */
export function PasswordField(props: PasswordFieldProps) {
  const { t } = useWords();
  const [shown, setShown] = useState(false);
  const [capitals, setCapitals] = useState(false);
  const caps = `${props.id}-caps`;
  return (
    <>
      <Field
        {...props}
        type={shown ? "text" : "password"}
        class="with-button"
        onKey={(event) => setCapitals(event.getModifierState("CapsLock"))}
        describedBy={[props.describedBy, capitals && caps].filter(Boolean).join(" ")}
      >
        <button type="button" class="show" aria-pressed={shown} aria-controls={props.id} onClick={() => setShown(!shown)}>
          <span aria-hidden="true">{shown ? t.field.hide : t.field.show}</span>
          <span class="unseen">{shown ? t.field.hidePassword : t.field.showPassword}</span>
        </button>
      </Field>
      <p class="caps" id={caps} role="status" hidden={!capitals}>
        {capitals && t.field.capsLock}
      </p>
    </>
  );
}
