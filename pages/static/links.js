// Follows the page's links to its other pages within the open session: loading the program anew takes a second or two.
// The address changes as with any link, and Streamlit is told of it as by the Back button. Where something is missing,
// with another button or key, or for any other link, a link does what links do.
(() => {
  if (window.readinessLinks) return;
  window.readinessLinks = true;
  const isOurs = link => link && link.target !== "_blank" && !link.hasAttribute("download")
    && [...document.querySelectorAll(".er-nav a")].some(page => page.origin === link.origin && page.pathname === link.pathname);
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[href]");
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (!isOurs(link) || document.querySelector(".stApp")?.dataset.testConnectionState !== "CONNECTED") return;
    event.preventDefault();
    history.pushState({}, "", link.href);
    window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    document.querySelector(".stMain")?.scrollTo(0, 0);
  });
})();
