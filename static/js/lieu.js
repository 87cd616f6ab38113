/* What the commune of a record gives: département, territory, postcode, filled in and shown as soon
   as it is chosen, and still to be changed; région, intercommunalité and middle are told. The rule
   is the server's own, the one that saving follows. Without this script the page says the same once
   it is sent. */
(() => {
  const { adresse } = document.currentScript.dataset;
  const commune = document.querySelector('select[name="commune"]');
  const told = document.querySelector(".field-d_apres_la_commune .readonly");
  if (!commune || !told) return;
  const proposed = {};

  const fill = (name, given) => {
    const field = document.querySelector(`[name="${name}"]`);
    // What somebody chose stays; the département alone is the commune's.
    const free = name === "departement" || ["", proposed[name]].includes(field?.value);
    if (!field || !free) return;
    proposed[name] = given ? given.valeur : "";
    if (field.tagName !== "SELECT") {
      field.value = proposed[name];
      return;
    }
    const options = [new Option("", "")];
    if (given) options.push(new Option(given.mots, given.valeur, true, true));
    field.replaceChildren(...options);
    const shown = document.getElementById(field.id.replace(/-valeur$/, ""));
    if (shown && shown !== field) shown.value = given ? given.mots : "";
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  commune.addEventListener("change", async () => {
    const code = commune.value;
    if (!code) return;
    let given = null;
    try {
      const answer = await fetch(`${adresse}?${new URLSearchParams({ commune: code })}`, {
        credentials: "same-origin",
      });
      if (answer.ok && !answer.redirected) given = await answer.json();
    } catch {
      return; // no network: saving will say it
    }
    if (!given || code !== commune.value) return;
    told.setAttribute("aria-live", "polite");
    told.textContent = given.mots;
    for (const name of ["departement", "territoire", "code_postal"]) fill(name, given[name]);
  });
})();
