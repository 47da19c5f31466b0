/** Which channel of a method to ask for. */
import type { MethodName } from "../i18n/explain";

/** A phone can be reached in two ways, so the way is said; an email address in one. */
export const channelOf = (method: MethodName): { channel?: "sms" | "voice" } =>
  method === "mobile_phone" ? { channel: "sms" } : method === "office_phone" ? { channel: "voice" } : {};
