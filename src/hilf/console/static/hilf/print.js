// The button that prints; without a script there is the browser's own.
const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
