/** The organisation, as the deployment wrote it into the page: it is known before anything is drawn, without a request. */
export interface Organisation {
  name: string;
  /** A file on our own origin; empty without one. */
  logo: string;
  /** A phone number or an email address; empty without one. */
  helpdesk: string;
}

export function organisationFrom(written: string | undefined): Organisation {
  const given: Record<string, unknown> = JSON.parse(written || "{}");
  const text = (name: string, otherwise: string) => (typeof given[name] === "string" && given[name] !== "" ? given[name] : otherwise);
  return { name: text("name", "Sésame"), logo: text("logo", ""), helpdesk: text("helpdesk", "") };
}

export const organisation = organisationFrom(
  typeof document === "undefined" ? undefined : document.querySelector<HTMLMetaElement>('meta[name="organisation"]')?.content,
);

/** Calls or writes to the helpdesk. */
export const helpdeskLink = (contact: string): string => (contact.includes("@") ? `mailto:${contact}` : `tel:${contact.replace(/[^+0-9]/g, "")}`);
