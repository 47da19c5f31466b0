import { sentCode } from "./part";

export default sentCode("office_phone", {
  contact: { type: "tel", inputMode: "tel", autocomplete: "tel" },
  // An office phone is the administrator’s to correct (M2).
  correctable: false,
});
