"use strict";
// A one-time link has its token in the fragment, which no server and no Referer gets.
const signIn = document.getElementById("sign-in");
if (signIn && location.hash.length > 1) {
  signIn.elements.link.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  signIn.submit();
}

// A browser opens six connections to a server. A page that nobody looks at gives its stream back,
// and opens it again when it is looked at: the server then sends what has changed meanwhile.
const streams = new Map();
htmx.createEventSource = (url) => {
  const stream = new EventSource(url);
  streams.set(url, stream);
  return stream;
};
document.addEventListener("visibilitychange", () => {
  for (const stream of streams.values()) {
    if (document.hidden) stream.close();
    else if (stream.readyState === EventSource.CLOSED) stream.onerror(new Event("error"));
  }
});
