// Loaded into Azurite (node --require): stops it in order, so that it saves its data, when standard input ends.
function stop() {
  // Azurite handles SIGINT only when all of its servers are up.
  if (!process.emit("SIGINT")) setTimeout(stop, 100).unref();
}

process.stdin.on("end", stop).on("error", stop).resume();
process.stdin.unref?.();
