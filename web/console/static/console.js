"use strict";
// A one-time link has its token in the fragment, which no server and no Referer gets.
const signIn = document.getElementById("sign-in");
if (signIn && location.hash.length > 1) {
  signIn.elements.link.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  signIn.submit();
}
