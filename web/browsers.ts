/** The oldest browsers on which the pages work. Phones that got no update since 2022 have them: iOS 15.4, Android with Chrome 93. */
export const OLDEST = {
  chrome: "93",
  chrome_android: "93",
  edge: "93",
  firefox: "92",
  firefox_android: "92",
  safari: "15.4",
  safari_ios: "15.4",
} as const;

/** The same for the bundler, which writes newer syntax and CSS in an older form. */
export const TARGET = ["chrome93", "edge93", "firefox92", "safari15.4", "ios15.4"];
