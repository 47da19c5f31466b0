import { useWords } from "../i18n";
import { useRoute } from "../router";
import { useSession } from "../session";
import { forgetAll } from "../tabStorage";

/** Whose account it is that one looks at, and the way to leave it: on a shared computer both matter on every page. */
export function SignedInBar() {
  const { t } = useWords();
  const { who, setWho } = useSession();
  const { go } = useRoute();
  if (who === null) return null;
  const leave = () => {
    setWho(null);
    forgetAll();
    go("home");
  };
  return (
    <div class="signed-in">
      <p>
        {t.signedIn.as} <strong translate={false}>{who.identifier}</strong>
      </p>
      <button type="button" class="link" onClick={leave}>
        {t.signedIn.signOut}
      </button>
    </div>
  );
}
