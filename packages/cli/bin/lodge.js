#!/usr/bin/env node
// A file of the repository, not of the build: package managers link a command when they install, and a checkout is built later.
import '../dist/main.js';
