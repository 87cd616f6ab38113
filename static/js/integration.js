/* Tells the page around the frame how high this one is, so that its frame needs no scroll bar.
   The message holds nothing else: it may go to any site. */

const annoncer = () => {
  const hauteur = Math.ceil(document.documentElement.getBoundingClientRect().height);
  window.parent.postMessage({ type: "territoires-industrie", hauteur }, "*");
};

if (window.parent !== window) {
  new ResizeObserver(annoncer).observe(document.documentElement);
}
