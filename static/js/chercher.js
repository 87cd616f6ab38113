// Ctrl K, or Cmd K: to the search of the back-office, from any page.
const champ = document.querySelector("#chercher-partout");
if (champ) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    champ.focus();
    champ.select();
  });
}
