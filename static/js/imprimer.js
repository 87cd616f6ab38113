// A button that prints the page; without it, the browser's own menu does.
const notice = document.querySelector(".dossier-imprimer");
if (notice) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "Imprimer ou enregistrer en PDF";
  button.addEventListener("click", () => window.print());
  notice.before(button);
}
