/* Below a field, what is understood of what is typed in it: « Lu : 1 500 000 € ». The reading is the
   server's own, the one that saving does. Days have the browser's calendar beside them.
   Without this script the page says the same once it is sent. */
(() => {
  const DELAY = 300;
  const { adresse } = document.currentScript.dataset;
  const known = new Map();

  const ask = async (genre, texte) => {
    const key = `${genre} ${texte}`;
    if (!known.has(key)) {
      const answer = await fetch(`${adresse}?${new URLSearchParams({ genre, texte })}`, {
        credentials: "same-origin",
      });
      // Signed out meanwhile: the answer is the page to sign in.
      if (!answer.ok || answer.redirected) return null;
      known.set(key, await answer.json());
    }
    return known.get(key);
  };

  const start = (input) => {
    const echo = input.parentElement.querySelector(".echo");
    if (!echo || input.dataset.suivi) return;
    input.dataset.suivi = "oui";
    let timer;
    const follow = async (told) => {
      const texte = input.value;
      let found = null;
      try {
        found = texte.trim() ? await ask(input.dataset.lecture, texte) : { lu: "", refus: "" };
      } catch {
        return; // no network: saving will say it
      }
      if (!found || texte !== input.value) return;
      // While somebody types, what is not finished yet is no fault.
      const refusal = told ? found.refus : "";
      echo.textContent = refusal || (found.lu && `Lu : ${found.lu}`);
      echo.classList.toggle("refus", Boolean(refusal));
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => follow(false), DELAY);
    });
    input.addEventListener("change", () => {
      clearTimeout(timer);
      follow(true);
    });
    if (input.dataset.lecture === "jour" && !input.disabled) calendar(input);
  };

  const calendar = (input) => {
    const picker = document.createElement("input");
    if (typeof picker.showPicker !== "function") return;
    Object.assign(picker, { type: "date", tabIndex: -1 });
    picker.setAttribute("aria-hidden", "true");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "calendrier", textContent: "Calendrier" });
    button.addEventListener("click", () => picker.showPicker());
    picker.addEventListener("change", () => {
      const [year, month, day] = picker.value.split("-");
      input.value = day ? `${day}/${month}/${year}` : "";
      for (const name of ["input", "change"]) {
        input.dispatchEvent(new Event(name, { bubbles: true }));
      }
      input.focus();
    });
    input.after(button, picker);
  };

  const all = (root) => {
    for (const input of root.querySelectorAll("input[data-lecture]")) {
      if (!input.name.includes("__prefix__")) start(input);
    }
  };
  all(document);
  document.addEventListener("formset:added", (event) => all(event.target));
})();
