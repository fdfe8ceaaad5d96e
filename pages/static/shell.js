// Shows the page once it is filled, instead of piece by piece: when its script has run, what stands above every page is there, which comes a
// moment after the rest, and nothing is still a grey line of which nobody knows how high it will be; a chart's place is as high as the chart.
// Where nothing comes for three seconds, or the page is not filled after six, what there is is shown.
(() => {
  const root = document.documentElement;
  const isLine = (grey) => (grey.closest(".stElementContainer") ?? grey).offsetHeight < 100;
  const isFilled = () =>
    document.querySelector('.stApp[data-test-script-state="notRunning"] .stMain :is(.er-nav, .er-banner)') &&
    ![...document.querySelectorAll('.stMain [data-testid="stSkeleton"]')].some(isLine);
  const show = (how) => {
    watching.disconnect();
    [stillness, patience].forEach(clearTimeout);
    root.classList.remove("er-filling");
    root.dataset.shown = how;
  };
  const watching = new MutationObserver(() => {
    clearTimeout(stillness);
    stillness = setTimeout(show, 3000, "late");
    if (isFilled()) show("filled"); // now, and not after the charts, which keep the browser busy
  });
  let stillness = setTimeout(show, 3000, "late");
  const patience = setTimeout(show, 6000, "late");
  root.classList.add("er-filling");
  watching.observe(document, { subtree: true, childList: true, attributeFilter: ["data-test-script-state"] });
})();
