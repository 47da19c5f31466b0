import { render } from "preact";
import { Client } from "./api/client";
import { App } from "./app";
import { apiBase } from "./config";
import { preferredLanguage, textsOf, WordsProvider, type Language } from "./i18n";
import { Router } from "./router";
import { SessionProvider } from "./session";
import "./style/tokens.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/forms.css";
import "./style/parts.css";

const asked = new URLSearchParams(location.search).get("lang");
const first = preferredLanguage(asked === null ? navigator.languages : [asked, ...navigator.languages]);

let spoken: Language = first;
const [base, texts] = await Promise.all([apiBase(), textsOf(first)]);
const client = new Client(base, () => spoken);

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has lost its #app");
render(
  <WordsProvider first={first} texts={texts} onChange={(language) => (spoken = language)}>
    <SessionProvider client={client}>
      <Router>
        <App />
      </Router>
    </SessionProvider>
  </WordsProvider>,
  root,
);
