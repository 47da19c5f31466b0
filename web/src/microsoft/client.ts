/**
 * Microsoft's own library, loaded only where somebody signs in there. By redirect and not in a window of its own: phones have
 * none, browsers block them, and our pages share nothing with another origin's window. What it stores is cleared as soon as the token for the service is there.
 */
import { PublicClientApplication, type RedirectRequest } from "@azure/msal-browser";
import type { MicrosoftSignIn } from "./settings";

async function library({ authority, client }: MicrosoftSignIn): Promise<PublicClientApplication> {
  const made = new PublicClientApplication({
    auth: {
      clientId: client,
      authority,
      knownAuthorities: [new URL(authority).host],
      redirectUri: `${location.origin}/register`,
    },
    cache: { cacheLocation: "sessionStorage" },
  });
  await made.initialize();
  return made;
}

/** Leaves for Microsoft's page. Resolves only if the person comes back by the browser's Back. */
export async function leave(settings: MicrosoftSignIn, { fresh, name }: { fresh: boolean; name: string }): Promise<void> {
  const made = await library(settings);
  await made.handleRedirectPromise({ hash: "", navigateToLoginRequestUrl: false }); // ends what the person left before
  const back = new Promise((resolve) => addEventListener("pageshow", resolve, { once: true }));
  const request: RedirectRequest = { scopes: [settings.scope], prompt: fresh ? "login" : "select_account" };
  await made.loginRedirect(name === "" ? request : { ...request, loginHint: name });
  await back;
}

/** The access token for the service, from the answer that was in the address. Rejects where there is none. */
export async function tokenFrom(settings: MicrosoftSignIn, answer: string): Promise<string> {
  const made = await library(settings);
  try {
    const result = await made.handleRedirectPromise({ hash: answer, navigateToLoginRequestUrl: false });
    if (!result?.accessToken) throw new Error("no token");
    return result.accessToken;
  } finally {
    await made.clearCache();
    for (const key of Object.keys(sessionStorage)) if (/^msal\./.test(key)) sessionStorage.removeItem(key);
  }
}
