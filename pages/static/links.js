// Follows the page's links to its other pages within the open session: loading the program anew takes a second or two.
// The address changes as with any link, and Streamlit is told of it as by the Back button. Where something is missing,
// with another button or key, or for any other link, a link does what links do.
(() => {
  if (window.readinessLinks) return;
  window.readinessLinks = true;
  const app = () => document.querySelector(".stApp")?.dataset ?? {};
  const field = () => document.activeElement?.matches("input, [contenteditable], [role=spinbutton]") ? document.activeElement : null;
  const asked = () => new URLSearchParams(location.search).get("on");
  const pause = time => new Promise(done => setTimeout(done, time));

  const isOurs = link => link && link.target !== "_blank" && !link.hasAttribute("download")
    && [...document.querySelectorAll(".er-nav li a")].some(page => page.origin === link.origin && page.pathname === link.pathname);

  const isPlain = event => !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey
    && !event.altKey && app().testConnectionState === "CONNECTED" && isOurs(event.target.closest?.("a[href]"));

  // A date that is typed counts when its field is left, and then the page is drawn anew. So the field is left here, and
  // the link followed with that date once the page stands.
  const leave = async address => {
    const before = asked();
    field().blur();
    await pause(250);
    for (let waited = 0; waited < 50 && app().testScriptState !== "notRunning"; waited++) await pause(100);
    if (asked() !== before) asked() === null ? address.searchParams.delete("on") : address.searchParams.set("on", asked());
  };

  document.addEventListener("mousedown", event => { if (field() && isPlain(event)) event.preventDefault(); }, true);
  document.addEventListener("click", async event => {
    if (!isPlain(event)) return;
    const address = new URL(event.target.closest("a[href]").href);
    event.preventDefault();
    if (field()) await leave(address);
    history.pushState({}, "", address);
    window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    document.querySelector(".stMain")?.scrollTo(0, 0);
  });
})();
