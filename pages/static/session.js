// Leaves the page once its session has ended, here or elsewhere: what stands on the screen is no longer for whoever sits there. A page
// that nobody sees asks when it is seen again.
(() => {
  if (window.readinessSession) return;
  window.readinessSession = true;
  const look = async () => {
    const answer = await fetch("/signed-in", { cache: "no-store" }).catch(() => null);
    if (answer?.status === 401) location.replace("/signin");
  };
  setInterval(() => document.hidden || look(), 5000);
  document.addEventListener("visibilitychange", () => document.hidden || look());
})();
