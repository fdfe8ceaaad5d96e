// Leaves the page once its session has ended, here or elsewhere: what stands on the screen is no longer for whoever sits there. The server
// cuts the page's connection then, and the page asks anew whether there is a server, which is the moment to ask whether the session lasts.
// For a cut that the page was not told of, as where the network fell away, it asks now and then as well; one that nobody sees, when it is seen again.
(() => {
  if (window.readinessSession) return;
  window.readinessSession = true;
  const look = async () => {
    const answer = await fetch("/signed-in", { cache: "no-store" }).catch(() => null);
    if (answer?.status === 401) location.replace("/signin");
  };
  const isOfConnecting = (one) => new URL(one.name).pathname.startsWith("/_stcore/");
  new PerformanceObserver((seen) => seen.getEntries().some(isOfConnecting) && look()).observe({ type: "resource" });
  setInterval(() => document.hidden || look(), 30000);
  document.addEventListener("visibilitychange", () => document.hidden || look());
})();
