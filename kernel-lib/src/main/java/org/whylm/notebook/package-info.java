/**
 * The Java kernels of Jupyter. In JJava the extensions are found as services when this library comes on the class path; in IJava
 * they are installed when the library is first used ({@link org.whylm.run.Surroundings}). Either then shows tables, charts and
 * this library's values as HTML and SVG, and progress on one line; JJava shows Javadoc on inspection too. Under another kernel
 * the same values show as text.
 */
package org.whylm.notebook;
