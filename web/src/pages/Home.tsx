import { useWords } from "../i18n";
import { Step } from "../parts/Step";
import { Link } from "../router";

export function Home() {
  const { t } = useWords();
  return (
    <Step title={t.welcome.title}>
      <ul class="choices">
        <li>
          <Link to="reset" class="choice choice-strong">
            <strong>{t.welcome.reset}</strong>
            <span>{t.welcome.resetText}</span>
          </Link>
        </li>
        <li>
          <Link to="register" class="choice">
            <strong>{t.welcome.register}</strong>
            <span>{t.welcome.registerText}</span>
          </Link>
        </li>
      </ul>
      <p class="way-out">
        <Link to="password">{t.welcome.password}</Link>
        <Link to="activate">{t.welcome.activate}</Link>
        <Link to="notMe">{t.welcome.notMe}</Link>
      </p>
    </Step>
  );
}
