process.stdout.write("x")
