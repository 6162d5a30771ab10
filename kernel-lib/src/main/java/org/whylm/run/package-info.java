/** What a run is, known to all: its profile, its provenance, its progress, and the files it reads and writes. */
package org.whylm.run;
