/**
 * A file that cannot be loaded, for the tests of the command line.
 */
throw new Error('not today')
