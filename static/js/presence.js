/* Who has this record open: asked again while the page is looked at, which says at the same time that
   one still has it open. Without this script the page says it once, when it is opened. */
(() => {
  const { adresse, battement } = document.currentScript.dataset;
  const told = document.getElementById("presence");
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (!told || !token) return;

  const beat = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(adresse, {
        method: "POST",
        credentials: "same-origin",
        headers: { "X-CSRFToken": token.value },
      });
      if (answer.redirected || ![200, 503].includes(answer.status)) return;
      const { phrase } = await answer.json();
      if (told.textContent !== phrase) told.textContent = phrase;
      told.hidden = !phrase;
    } catch {
      // no network, or not signed in any more: saving will say it
    }
  };

  setInterval(beat, Number(battement) * 1000);
  document.addEventListener("visibilitychange", beat);
})();
