import { sentCode } from "./part";

export default sentCode("email", {
  contact: { type: "email", inputMode: "email", autocomplete: "email" },
  correctable: true,
});
