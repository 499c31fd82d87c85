"use strict";
// Shows no command line of a request: it would have the key in it.
const withoutCommands = () => ({ wrapComponents: { curl: () => () => null } });

window.addEventListener("DOMContentLoaded", () =>
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#try",
    deepLinking: true,
    docExpansion: "none",
    plugins: [withoutCommands],
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
  }),
);
