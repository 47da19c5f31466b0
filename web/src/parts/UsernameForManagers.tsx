/** Tells a password manager whose password this is, so that it updates the right entry. People see and hear nothing of it. */
export function UsernameForManagers({ identifier }: { identifier: string }) {
  return <input class="unseen" type="text" name="username" autocomplete="username" value={identifier} readOnly tabIndex={-1} aria-hidden="true" />;
}
