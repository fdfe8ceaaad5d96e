// Shows the page once it is filled, instead of piece by piece: when its script has run, what stands above every page is there, which comes a
// moment after the rest, and nothing is still a grey line of which nobody knows how high it will be; a chart's place is as high as the chart.
// Where nothing comes for three seconds, what there is is shown.
(() => {
  const root = document.documentElement;
  const isLine = (grey) => grey.offsetHeight < 100;
  const isFilled = () =>
    document.querySelector('.stApp[data-test-script-state="notRunning"] .stMain :is(.er-nav, .er-banner)') &&
    ![...document.querySelectorAll('.stMain [data-testid="stSkeleton"]')].some(isLine);
  const show = () => {
    watching.disconnect();
    clearTimeout(stillness);
    root.classList.remove("er-filling");
  };
  const watching = new MutationObserver(() => {
    clearTimeout(stillness);
    stillness = setTimeout(show, 3000);
    if (isFilled()) requestAnimationFrame(() => isFilled() && show());
  });
  let stillness = setTimeout(show, 3000);
  root.classList.add("er-filling");
  watching.observe(document, { subtree: true, childList: true, attributeFilter: ["data-test-script-state"] });
  setTimeout(show, 10000);
})();
