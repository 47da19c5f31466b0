/** The sign-in at Microsoft Entra ID, where the deployment has written one into the page. Elsewhere people type a password. */
export interface MicrosoftSignIn {
  /** The sign-in service with the tenant. */
  authority: string;
  /** The application id of these pages. */
  client: string;
  /** The permission to ask for: that of the service. */
  scope: string;
}

export function microsoftFrom(written: string | undefined): MicrosoftSignIn | null {
  const { authority, client, scope }: Record<string, unknown> = JSON.parse(written || "{}");
  if (typeof authority !== "string" || typeof client !== "string" || typeof scope !== "string") return null;
  return { authority, client, scope };
}

export const microsoft = microsoftFrom(
  typeof document === "undefined" ? undefined : document.querySelector<HTMLMetaElement>('meta[name="microsoft"]')?.content,
);

/** Takes Microsoft's answer out of the address, where it would stay in the history. Empty without one. */
export function takeAnswer(): string {
  const given = new URLSearchParams(location.hash.slice(1));
  if (microsoft === null || !given.has("state") || !(given.has("code") || given.has("error"))) return "";
  const { hash } = location;
  history.replaceState(history.state, "", location.pathname);
  return hash;
}
