// Access keys: shows their forms where the browser knows such keys, and says what went wrong.
(function () {
  const form = document.getElementById("cle-connexion");
  const message = document.getElementById("cle-message");
  if (!form || !window.PublicKeyCredential) return;
  form.hidden = false;
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const refused = event.detail.exception && event.detail.exception.name === "NotAllowedError";
    message.textContent = refused
      ? "La clé n’a pas été donnée, ou trop tard. Recommencez, ou choisissez une autre façon."
      : "La clé n’a pas pu être lue ici. Recommencez, ou choisissez une autre façon.";
  });
})();
