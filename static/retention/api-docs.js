// The API reference: Swagger UI from our own files, trying things out as the operator signed in.
"use strict";

const place = document.getElementById("reference");

// As the admin's theme button says, or else the device.
const theme = localStorage.getItem("theme") || "auto";
const isDark = theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
document.documentElement.dataset.theme = theme;
document.documentElement.classList.toggle("dark-mode", isDark);

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  defaultModelsExpandDepth: 0,
  // The default asks a server on the internet whether the schema is valid.
  validatorUrl: null,
  requestInterceptor: (request) => {
    const isOurs = new URL(request.url, document.baseURI).origin === location.origin;
    if (isOurs && (request.method || "GET") !== "GET") {
      request.headers["X-CSRFToken"] = place.dataset.token;
    }
    return request;
  },
});
