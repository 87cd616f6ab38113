// Light or dark as the reader chose, kept by this browser alone; the system's without a choice. Runs
// before the page is drawn, so that it never flashes in the other colours.
(() => {
  const root = document.documentElement;
  const themes = ["light", "dark"];

  const show = (theme) => {
    if (themes.includes(theme)) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  // A browser may refuse to keep anything: the choice then lasts as long as the page.
  const kept = (act) => {
    try {
      return act(localStorage);
    } catch {
      return null;
    }
  };

  show(kept((storage) => storage.getItem("theme")));

  document.addEventListener("DOMContentLoaded", () => {
    const field = document.getElementById("apparence");
    if (!field) return;
    field.parentElement.hidden = false;
    field.value = root.dataset.theme ?? "";
    field.addEventListener("change", () => {
      show(field.value);
      kept((storage) =>
        field.value ? storage.setItem("theme", field.value) : storage.removeItem("theme"),
      );
    });
  });
})();
