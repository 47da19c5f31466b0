import { sentCode } from "./part";

export default sentCode("mobile_phone", {
  contact: { type: "tel", inputMode: "tel", autocomplete: "tel" },
  correctable: true,
});
