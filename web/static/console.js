// What the console does beyond its forms: it goes on working without this script.
"use strict";

// Whoever is told that something is wrong reads that first.
document.getElementById("trouble")?.focus();
