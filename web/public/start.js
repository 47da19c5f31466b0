/* In the language of every browser (ES5): says in one sentence that the browser is too old, or that a file of the page did not arrive.
   The page itself is a module in newer syntax, of which an old browser shows nothing at all. */
(function () {
  function show(id) {
    document.getElementById(id).removeAttribute("hidden");
  }
  // What the oldest browsers of browsers.ts have, and those shortly before them lack.
  var fits =
    "noModule" in document.createElement("script") &&
    "at" in Array.prototype &&
    "hasOwn" in Object &&
    "BroadcastChannel" in window &&
    "AbortController" in window &&
    "ListFormat" in Intl;
  if (!fits) show("too-old");
  addEventListener(
    "error",
    function (event) {
      var name = event.target && event.target.tagName;
      if (name === "SCRIPT" || name === "LINK") show(fits ? "not-loaded" : "too-old");
    },
    true
  );
  // Whatever has failed or hangs: an empty page says nothing.
  addEventListener("load", function () {
    setTimeout(function () {
      if (!document.getElementById("app").firstChild) show(fits ? "not-loaded" : "too-old");
    }, 10000);
  });
})();
