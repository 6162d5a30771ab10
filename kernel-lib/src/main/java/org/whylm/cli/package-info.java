/** The command line: each command is a thin front of what the packages before it do. */
package org.whylm.cli;
