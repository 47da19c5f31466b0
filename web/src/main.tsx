import { render } from "preact";
import { Client } from "./api/client";
import { App } from "./app";
import { findService } from "./config";
import { preferredLanguage, textsOf, WordsProvider, type Language, type Texts } from "./i18n";
import { Router } from "./router";
import { SessionProvider } from "./session";
import { surviveTranslators } from "./translators";
import { load } from "./tabStorage";
import "./style/tokens.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/forms.css";
import "./style/parts.css";

const asked = [new URLSearchParams(location.search).get("lang"), load<string>("language")].filter((one) => typeof one === "string");
const first = preferredLanguage([...asked, ...navigator.languages]);

let spoken: Language = first;
// Rendered before the address is known: a request waits for it.
const service = findService();
const client = new Client(service, () => spoken);

function start(texts: Texts) {
  document.getElementById("not-loaded")?.setAttribute("hidden", "");
  surviveTranslators();
  const root = document.getElementById("app");
  if (root === null) throw new Error("index.html has lost its #app");
  render(
    <WordsProvider first={first} texts={texts} onChange={(language) => (spoken = language)}>
      <SessionProvider client={client}>
        <Router>
          <App service={service} />
        </Router>
      </SessionProvider>
    </WordsProvider>,
    root,
  );
}

// Without its texts a page can only show the sentence that index.html has for that.
textsOf(first).then(start, () => document.getElementById("not-loaded")?.removeAttribute("hidden"));
